"""Searches parameters with Ray Tune, then trains with the best: ``python -m jobs.tune --trials 8``."""

from typing import Annotated, Any

import ray
import typer

from candlecast.models.tuning import Prepared
from cluster.connect import connect
from cluster.ingestion import book_share
from cluster.search import SearchPlan, search
from jobs.entry import load_settings, run_command, show, with_market
from jobs.tasks import prepare_search, train_model

app = typer.Typer(add_completion=False)


@app.command()
def tune(
    symbols: Annotated[str, typer.Option(help="comma-separated, or @FILE; default: all that are followed")] = "",
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")] = "",
    horizon: Annotated[int, typer.Option(min=0, max=96, help="candles ahead; 0: the one that is followed")] = 0,
    trials: Annotated[int, typer.Option(min=1, max=1_000, help="parameter sets to try")] = 8,
    concurrent: Annotated[int, typer.Option(min=1, max=64, help="trials at a time")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Choose parameters on an inner walk-forward, then train, judge and register a model with them.

    Example: python -m jobs.tune --symbols BTC/USDT,ETH/USDT --timeframe 1h --trials 8
    """
    followed = load_settings()
    settings = with_market(followed, symbols=symbols, timeframe=timeframe, horizon=horizon)
    connect(settings.cluster)
    book_share(followed)
    prepared: Prepared = ray.get(prepare_search.remote(settings))
    plan = SearchPlan(
        trials=trials, concurrent=concurrent, seed=prepared.seed, storage=settings.models.folder / ".tune"
    )
    found = search(prepared, plan=plan)
    best = found[0]
    result: dict[str, Any] = ray.get(train_model.remote(settings, if_missing=False, params=best.params))
    text = f"best of {len(found)} trials: validation log loss {best.log_loss:.5f}, {best.params}; {result['summary']}"
    show({**result, "trials": len(found), "best": best.params, "log_loss": best.log_loss}, text=text, as_json=as_json)


if __name__ == "__main__":
    run_command(app)
