"""Trains, judges, registers and promotes one model: ``python -m jobs.train --symbols BTC/USDT --timeframe 1h``."""

from typing import Annotated

import typer

from candlecast.bootstrap import open_market
from cluster.connect import connect
from cluster.ingestion import book_share
from jobs.entry import load_settings, run_command, show, with_market
from jobs.sole import only_one
from jobs.training.cluster import OnCluster
from jobs.training.driver import run_training
from jobs.training.request import ALGORITHM, N_FOLDS, TrainingRequest

app = typer.Typer(add_completion=False)


@app.command()
def train(
    symbols: Annotated[str, typer.Option(help="comma-separated, or @FILE; default: all that are followed")] = "",
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")] = "",
    horizon: Annotated[int, typer.Option(min=0, max=96, help="candles ahead; 0: the one that is followed")] = 0,
    algorithm: Annotated[str, typer.Option(help="xgboost, random_forest, logistic or naive")] = ALGORITHM,
    folds: Annotated[int, typer.Option(min=1, max=50, help="test blocks of the walk-forward")] = N_FOLDS,
    if_missing: Annotated[bool, typer.Option("--if-missing", help="do nothing when a model is promoted")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Train one model over all symbols and promote it if it is the first, or surely better.

    A training that is killed goes on where it was when the same command is given within a day.

    Example: python -m jobs.train --symbols BTC/USDT,ETH/USDT --timeframe 1h
    """
    followed = load_settings()
    settings = with_market(followed, symbols=symbols, timeframe=timeframe, horizon=horizon)
    connect(settings.cluster)
    book_share(followed)
    request = TrainingRequest(if_missing=if_missing, n_folds=folds, algorithm=algorithm, resumable=True)
    market = open_market(settings).settings
    what = f"the {algorithm} training on {market.timeframe} candles, horizon {market.horizon}, {folds} folds,"
    with only_one(settings, what, symbols=market.symbols.split(",")):
        result = run_training(settings, request, workers=OnCluster(), say=typer.echo)
    show(result, text=result["summary"], as_json=as_json)


if __name__ == "__main__":
    run_command(app)
