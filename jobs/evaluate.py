"""Judges the recipe of the promoted models out of sample: ``python -m jobs.evaluate --horizons 1,4,24``."""

from typing import Annotated, Any

import ray
import typer

from candlecast.job_progress import JobProgress
from cluster.connect import connect
from cluster.ingestion import book_share
from jobs.entry import load_settings, run_command, show, with_market
from jobs.evaluation_plan import EvaluationPlan, read_day, read_horizons, read_page
from jobs.evaluation_words import leaks_of, report_lines, summary, write_page
from jobs.tasks import evaluate_horizon

app = typer.Typer(add_completion=False)


@app.command()
def evaluate(
    symbols: Annotated[str, typer.Option(help="comma-separated, or @FILE; default: all that are followed")] = "",
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")] = "",
    horizons: Annotated[str, typer.Option(help="candles ahead, comma-separated")] = "1,4,24",
    folds: Annotated[int, typer.Option(min=1, max=50, help="test blocks")] = 5,
    rolling: Annotated[int, typer.Option(min=0, help="candles that each fold learns from; 0: all before it")] = 0,
    embargo: Annotated[int, typer.Option(min=0, help="candles left out before each test block")] = 24,
    test_from: Annotated[str, typer.Option(help="first tested day, as 2020-03-01; default: the last half")] = "",
    cost_bps: Annotated[float, typer.Option(min=0, help="cost of buying or selling one unit, in bps")] = 10.0,
    html: Annotated[str, typer.Option(help="file of the page to write, absolute")] = "",
    check_leaks: Annotated[
        bool, typer.Option("--check-leaks", help="run the leak gates too; exit 1 if one fires")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Walk forward over the stored candles, print and store every figure, and write a page of them.

    Example: python -m jobs.evaluate --horizons 1,4 --html /tmp/report.html --check-leaks
    """
    wanted, page = read_horizons(horizons), read_page(html)
    plan = EvaluationPlan(
        n_folds=folds,
        train_candles=rolling or None,
        embargo_candles=embargo,
        test_start=read_day(test_from),
        cost_bps=cost_bps,
        check_leaks=check_leaks,
    )
    followed = load_settings()
    settings = with_market(followed, symbols=symbols, timeframe=timeframe)
    connect(settings.cluster)
    book_share(followed)
    tasks = [evaluate_horizon.remote(settings, horizon=horizon, plan=plan) for horizon in wanted]
    reports = _as_they_end(tasks, quiet=as_json)
    if page is not None:
        write_page(reports, page)
    for line in [] if as_json else [line for report in reports for line in report_lines(report)]:
        typer.echo(line)
    leaks = [line for report in reports for line in leaks_of(report)]
    show({"reports": reports, "leaks": leaks}, text=summary(reports, leaks=leaks, html=html), as_json=as_json)
    if leaks and check_leaks:
        raise typer.Exit(1)


def _as_they_end(tasks: "list[ray.ObjectRef[dict[str, Any]]]", *, quiet: bool) -> list[dict[str, Any]]:
    left, done = list(tasks), 0
    while left:
        ended, left = ray.wait(left)
        done += len(ended)
        if not quiet:
            typer.echo(JobProgress(done=done, total=len(tasks), unit="horizons", note="judged").line())
    reports: list[dict[str, Any]] = ray.get(tasks)
    return reports


if __name__ == "__main__":
    run_command(app)
