"""Follows symbols and news, settles forecasts and watches alert rules, for ever: ``python -m jobs.ingest``.

The work is done by actors that live on the cluster; this job starts or finds them, reports, and
stops them when it is told to stop. When it is killed they go on.
"""

from typing import Annotated

import typer

from candlecast.bootstrap import open_market
from cluster.connect import connect
from cluster.duties import start_duties, stop_duties, wanted_duties
from cluster.ingestion import plan_ingestion, start_ingestion, stop_ingestion, watch_ingestion
from jobs.entry import load_settings, run_command, with_market

app = typer.Typer(add_completion=False)


@app.command()
def ingest(
    symbols: Annotated[str, typer.Option(help="comma-separated, or @FILE; default: all that are followed")] = "",
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")] = "",
) -> None:
    """Store every candle soon after its close, and collect news, until stopped.

    Example: python -m jobs.ingest --symbols BTC/USDT,ETH/USDT --timeframe 1h
    """
    settings = with_market(load_settings(), symbols=symbols, timeframe=timeframe)
    connect(settings.cluster)
    supervisor = start_ingestion(plan_ingestion(settings, open_market(settings).symbols))
    start_duties(settings, wanted_duties(settings))
    try:
        watch_ingestion(supervisor, say=typer.echo)
    except KeyboardInterrupt:
        stop_duties()
        stop_ingestion(supervisor)
        raise


if __name__ == "__main__":
    run_command(app)
