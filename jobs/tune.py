"""Searches parameters with Ray Tune, then trains with the best: ``python -m jobs.tune --trials 8``."""

from dataclasses import replace
from typing import Annotated, Any

import ray
import typer

from candlecast.bootstrap import open_database, open_market
from candlecast.models.fitting import TrainingConfig
from candlecast.models.tuning import Prepared, prepare
from candlecast.settings import Settings
from cluster.connect import connect
from cluster.resources import TRAIN_TASK
from cluster.search import SearchPlan, search
from jobs.entry import load_settings, run_command, show, with_market
from jobs.train import train_on_cluster
from jobs.training import read_panel

app = typer.Typer(add_completion=False)


@app.command()
def tune(
    symbols: Annotated[str, typer.Option(help="comma-separated; default: all that are followed")] = "",
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")] = "",
    horizon: Annotated[int, typer.Option(min=0, max=96, help="candles ahead; 0: the one that is followed")] = 0,
    trials: Annotated[int, typer.Option(min=1, max=1_000, help="parameter sets to try")] = 8,
    concurrent: Annotated[int, typer.Option(min=1, max=64, help="trials at a time")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Choose parameters on an inner walk-forward, then train, judge and register a model with them.

    Example: python -m jobs.tune --symbols BTC/USDT,ETH/USDT --timeframe 1h --trials 8
    """
    settings = with_market(load_settings(), symbols=symbols, timeframe=timeframe, horizon=horizon)
    connect(settings.cluster)
    prepared: Prepared = ray.get(prepare_on_cluster.options(**TRAIN_TASK).remote(settings))
    plan = SearchPlan(
        trials=trials, concurrent=concurrent, seed=prepared.seed, storage=settings.models.folder / ".tune"
    )
    found = search(prepared, plan=plan)
    best = found[0]
    task = train_on_cluster.options(**TRAIN_TASK).remote(settings, if_missing=False, params=best.params)
    result: dict[str, Any] = ray.get(task)
    text = f"best of {len(found)} trials: validation log loss {best.log_loss:.5f}, {best.params}; {result['summary']}"
    show({**result, "trials": len(found), "best": best.params, "log_loss": best.log_loss}, text=text, as_json=as_json)


@ray.remote
def prepare_on_cluster(settings: Settings) -> Prepared:
    """Read the candles and build the inner walk-forward, in a worker process."""
    market = open_market(settings)
    panel = read_panel(market, open_database(settings))
    config = TrainingConfig(timeframe=market.settings.timeframe, horizon=market.settings.horizon)
    # each trial books one CPU
    return replace(prepare(panel, config=config), nthread=1)


if __name__ == "__main__":
    run_command(app)
