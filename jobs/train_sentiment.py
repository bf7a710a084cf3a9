"""Trains the transformer that judges texts: ``python -m jobs.train_sentiment --labelled mine.csv --out FOLDER``.

Needs the torch extra on the nodes that train. The members learn side by side, one CPU each.
"""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import ray
import typer

from candlecast.sentiment.labelled import read_labelled, read_texts
from candlecast.sentiment.training.fine_tune import FineTuneConfig
from candlecast.sentiment.training.recipe import BASE_PACKAGE, Recipe, shipped_base
from cluster.connect import connect
from cluster.ingestion import book_share
from jobs.entry import load_settings, run_command, show
from jobs.tasks import assemble_sentiment, fine_tune_member

app = typer.Typer(add_completion=False)


@app.command()
def train_sentiment(
    labelled: Annotated[Path, typer.Option(help="CSV with text,label: negative, neutral, positive")],
    out: Annotated[Path, typer.Option(help="folder of the new model; one that lies there is replaced")],
    extra: Annotated[list[Path] | None, typer.Option(help="further CSV, counts half; may be repeated")] = None,
    test: Annotated[list[Path] | None, typer.Option(help="CSV to measure on; may be repeated")] = None,
    base: Annotated[Path | None, typer.Option(help="folder of an encoder; default: the one of the extra")] = None,
    members: Annotated[int, typer.Option(min=1, max=32, help="models whose mean is the result")] = 4,
    unlabelled: Annotated[
        list[Path] | None, typer.Option(help="CSV with a column title or text; may be repeated")
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, max=50, help="how often each sees the texts")] = 5,
    notes: Annotated[str, typer.Option(help="for the model card: licences of the data")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Fine-tune a small encoder to three classes, calibrate it, and write it as int8 ONNX with its card.

    Example: python -m jobs.train_sentiment --labelled train.csv --test test.csv --out ml_models/sentiment-mine
    """
    settings = load_settings()
    recipe = Recipe(
        labelled=read_labelled(labelled),
        extra=tuple(read_labelled(path) for path in extra or []),
        base=(base or shipped_base()).resolve(),
        base_name=base.name if base else BASE_PACKAGE,
        config=FineTuneConfig(epochs=epochs),
        n_members=members,
        unlabelled=tuple(text for path in unlabelled or [] for text in read_texts(path)),
    )
    # too few texts are refused here, before a worker starts
    recipe.held_out()
    tests = [read_labelled(path) for path in test or []]
    connect(settings.cluster)
    book_share(settings)
    shared = ray.put(recipe)
    learned = [fine_tune_member.remote(shared, number) for number in range(members)]
    command = shlex.join(["python", "-m", "jobs.train_sentiment", *sys.argv[1:]])
    figures = ray.get(
        assemble_sentiment.remote(shared, learned, folder=out.resolve(), tests=tests, notes=notes, command=command)
    )
    measured = "; ".join(f"{name}: accuracy {part.accuracy:.3f}, macro F1 {part.macro_f1:.3f}, n {part.n:,}"
                         for name, part in figures.items())  # fmt: skip
    result = {
        name: {"accuracy": part.accuracy, "macro_f1": part.macro_f1, "n": part.n} for name, part in figures.items()
    }
    show(
        {"folder": str(out), "figures": result},
        text=f"{out} is trained ({measured}); use it by CANDLECAST_SENTIMENT__MODEL={out}",
        as_json=as_json,
    )


if __name__ == "__main__":
    run_command(app)
