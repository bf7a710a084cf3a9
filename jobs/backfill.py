"""Fills the history of every symbol, in parallel on the cluster: ``python -m jobs.backfill --symbols BTC/USDT``."""

import time
from typing import Annotated

import typer

from candlecast.bootstrap import open_market
from cluster.connect import connect
from jobs.entry import load_settings, run_command, show, with_market
from jobs.tasks import load_history

app = typer.Typer(add_completion=False)


@app.command()
def backfill(
    symbols: Annotated[str, typer.Option(help="comma-separated; default: all that are followed")] = "",
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Fetch, validate and store all candles since the newest stored one.

    Example: python -m jobs.backfill --symbols BTC/USDT,ETH/USDT --timeframe 1h
    """
    settings = with_market(load_settings(), symbols=symbols, timeframe=timeframe)
    connect(settings.cluster)
    market = open_market(settings)
    started_s = time.monotonic()
    loaded = load_history(settings, market)
    n_stored = sum(item.n_stored for item in loaded)
    n_rejected = sum(item.n_rejected for item in loaded)
    elapsed_s = time.monotonic() - started_s
    show(
        {"symbols": len(loaded), "stored": n_stored, "rejected": n_rejected, "elapsed_s": round(elapsed_s, 2)},
        text=f"{n_stored:,} candles of {len(loaded)} symbols stored in {elapsed_s:.1f} s, {n_rejected} rejected",
        as_json=as_json,
    )


if __name__ == "__main__":
    run_command(app)
