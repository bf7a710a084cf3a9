"""One round of news now, or an archive of articles: ``python -m jobs.news --archive articles.csv.gz``.

Whoever follows the market (`jobs.ingest`) has the feeds asked all the time; this job is for once.
"""

from pathlib import Path
from typing import Annotated

import ray
import typer

from cluster.connect import connect
from cluster.ingestion import book_share
from jobs.entry import load_settings, run_command, show
from jobs.tasks import collect_news, load_archive

app = typer.Typer(add_completion=False)


@app.command()
def news(
    archive: Annotated[Path | None, typer.Option(help="CSV(.gz) with published_at,title[,source,url,summary]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Ask every feed once, or store an archive, and have all that is new judged.

    Articles of an archive count as known 10 minutes after they were published, and are marked so.

    Example: python -m jobs.news --archive news-2021-2024.csv.gz
    """
    settings = load_settings()
    connect(settings.cluster)
    book_share(settings)
    if archive is None:
        line: str = ray.get(collect_news.remote(settings))
        show({"summary": line}, text=line, as_json=as_json)
        return
    counts: dict[str, int] = ray.get(load_archive.remote(settings, archive.resolve()))
    text = ", ".join(f"{number:,} {name}" for name, number in counts.items())
    show(counts, text=f"{archive}: {text}", as_json=as_json)


if __name__ == "__main__":
    run_command(app)
