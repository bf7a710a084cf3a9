"""Begins to follow symbols and news, to settle forecasts and to watch alert rules: ``python -m jobs.ingest``.

The work is done by actors that live on the cluster; this job starts or finds them, and ends. Whoever
keeps ingestion going (`cluster.supervise`) asks the cluster from outside whether they are there.
"""

from typing import Annotated

import typer

from candlecast.bootstrap import open_market
from candlecast.settings import Settings
from cluster.connect import connect
from cluster.duties import start_duties, stop_duties, wanted_duties
from cluster.ingestion import await_ingestion, plan_ingestion, start_ingestion, stop_ingestion
from jobs.entry import load_settings, run_command, with_market

app = typer.Typer(add_completion=False)


@app.command()
def ingest(
    symbols: Annotated[str, typer.Option(help="comma-separated, or @FILE; default: all that are followed")] = "",
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")] = "",
    stop: Annotated[bool, typer.Option("--stop", help="follow nothing any more")] = False,
) -> None:
    """Have every candle stored soon after its close, and news collected, from now on.

    Example: python -m jobs.ingest --symbols BTC/USDT,ETH/USDT --timeframe 1h
    """
    settings = with_market(load_settings(), symbols=symbols, timeframe=timeframe)
    connect(settings.cluster)
    if stop:
        stop_duties()
        stop_ingestion()
        typer.echo("no candle is followed any more")
    else:
        typer.echo(_begin(settings))


def _begin(settings: Settings) -> str:
    supervisor = start_ingestion(plan_ingestion(settings, open_market(settings).symbols))
    start_duties(settings, wanted_duties(settings))
    return await_ingestion(supervisor)


if __name__ == "__main__":
    run_command(app)
