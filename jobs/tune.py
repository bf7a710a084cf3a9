"""Searches parameters with Ray Tune, then trains with the best: ``python -m jobs.tune --trials 8``."""

from collections import deque
from dataclasses import replace
from typing import Annotated, Any, get_args

import ray
import typer

from candlecast.bootstrap import open_market
from candlecast.errors import CandlecastError, InvalidRequestError
from candlecast.job_progress import JobProgress
from candlecast.settings import Settings
from cluster.connect import connect
from cluster.ingestion import book_share
from cluster.search import Method
from jobs.entry import load_settings, run_command, show, with_market
from jobs.studies import SearchOrder
from jobs.studies import tune as tune_once
from jobs.tasks import n_cpus, tune_scope

# one of many studies needs no more: each is a process of its own beside its trials
_TRIALS_PER_STUDY = 2

app = typer.Typer(add_completion=False)


@app.command()
def tune(
    symbols: Annotated[str, typer.Option(help="comma-separated, or @FILE; default: all that are followed")] = "",
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")] = "",
    horizon: Annotated[int, typer.Option(min=0, max=96, help="candles ahead; 0: the one that is followed")] = 0,
    trials: Annotated[int, typer.Option(min=1, max=1_000, help="parameter sets to try; a grid tries all 81")] = 8,
    concurrent: Annotated[int, typer.Option(min=1, max=64, help="trials at a time")] = 2,
    method: Annotated[str, typer.Option(help="optuna, or grid: every point of a fixed grid")] = "optuna",
    each: Annotated[bool, typer.Option("--each", help="a search and a model for every symbol by itself")] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="give up a broken-off search instead of going on with it")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Choose parameters on an inner walk-forward, then train, judge and register a model with them.

    A search that was broken off goes on when the same command is run again.

    Example: python -m jobs.tune --symbols BTC/USDT,ETH/USDT --timeframe 1h --trials 8
    """
    if method not in get_args(Method):
        raise InvalidRequestError(f"method must be one of {', '.join(get_args(Method))}, was {method!r}")
    followed = load_settings()
    settings = with_market(followed, symbols=symbols, timeframe=timeframe, horizon=horizon)
    connect(settings.cluster)
    book_share(followed)
    order = SearchOrder(method=method, trials=trials, concurrent=min(concurrent, n_cpus()), anew=anew)
    result = _tune_each(settings, order) if each else tune_once(settings, order, say=typer.echo)
    show(result, text=result["summary"], as_json=as_json)


def _tune_each(settings: Settings, order: SearchOrder) -> dict[str, Any]:
    """Run the studies of all symbols, no more at a time than there are CPUs for their trials."""
    names = [symbol.name for symbol in open_market(settings).symbols]
    width = min(_TRIALS_PER_STUDY, order.concurrent)
    waiting, running, done = deque(names), {}, {}
    while waiting or running:
        while waiting and len(running) < max(1, order.concurrent // width):
            name = waiting.popleft()
            of_one = with_market(settings, symbols=name, timeframe="")
            running[tune_scope.remote(of_one, replace(order, concurrent=width))] = name
        [ready], _ = ray.wait(list(running), num_returns=1)
        name = running.pop(ready)
        done[name] = _result(ready)
        note = f"{name}: {done[name]['summary']}"
        typer.echo(JobProgress(done=len(done), total=len(names), unit="symbols", note=note).line())
    n_models = sum("model_id" in result for result in done.values())
    return {"summary": f"{n_models} of {len(done)} symbols have a model of their own", "symbols": done}


def _result(task: Any) -> dict[str, Any]:
    # one symbol with too short a history does not end the search of the others
    try:
        return dict(ray.get(task))
    except CandlecastError as error:
        return {"summary": f"left out, {getattr(error, 'cause', error)}"}


if __name__ == "__main__":
    run_command(app)
