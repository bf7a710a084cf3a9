"""Work on the cluster: each command submits the Ray Job of the same name and follows it."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from jobs.entry import load_settings
from jobs.symbols_option import read_symbols

Symbols = Annotated[str, typer.Option(help="comma-separated, or @FILE; default: all that are followed")]
Timeframe = Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")]
Horizon = Annotated[int, typer.Option(min=0, max=96, help="candles ahead; 0: the one that is followed")]


def backfill(
    since: Annotated[str, typer.Option(help="as 2024-01-31 or 2024-01-31T12:00Z; default: as far as is followed")] = "",
    until: Annotated[str, typer.Option(help="as --since; default: now")] = "",
    symbols: Symbols = "",
    timeframe: Timeframe = "",
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")] = False,
) -> None:
    """Load what is missing of a span; Ctrl-C stops it, and it goes on where it was when run again.

    Example: candlecast backfill --since 2024-01-01 --symbols @followed.csv
    """
    options = {"since": since, "until": until, "symbols": symbols, "timeframe": timeframe}
    _follow("backfill", options, "--json" if as_json else "")


def ingest(symbols: Symbols = "", timeframe: Timeframe = "") -> None:
    """Store every candle as it closes, until stopped; a job that fails is submitted again."""
    from cluster.submit import ClusterClient
    from cluster.supervise import keep_running

    entrypoint = _entrypoint("ingest", {"symbols": symbols, "timeframe": timeframe})
    keep_running(ClusterClient(load_settings().cluster), entrypoint, name="ingest")


def news(
    archive: Annotated[Path | None, typer.Option(help="CSV(.gz) with published_at,title[,source,url,summary]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")] = False,
) -> None:
    """Ask every news feed once, or store an archive of articles, and have all that is new judged.

    Example: candlecast news --archive news-2021-2024.csv.gz
    """
    _follow("news", {"archive": archive.resolve() if archive else ""}, "--json" if as_json else "")


def train(symbols: Symbols = "", timeframe: Timeframe = "", horizon: Horizon = 0) -> None:
    """Train one model over all symbols, judge it out of sample, promote it if nothing speaks against it."""
    _follow("train", {"symbols": symbols, "timeframe": timeframe, "horizon": horizon or ""})


def tune(
    symbols: Symbols = "",
    timeframe: Timeframe = "",
    horizon: Horizon = 0,
    trials: Annotated[int, typer.Option(min=1, max=1_000, help="parameter sets to try")] = 8,
) -> None:
    """Search parameters with Ray Tune, then train and register a model with the best."""
    options = {"symbols": symbols, "timeframe": timeframe, "horizon": horizon or "", "trials": trials}
    _follow("tune", options)


def _follow(verb: str, options: dict[str, object], *switches: str) -> None:
    from cluster.submit import ClusterClient
    from cluster.supervise import follow

    cluster = ClusterClient(load_settings().cluster)
    if code := follow(cluster, _entrypoint(verb, options, *switches), show=typer.echo):
        raise typer.Exit(code)


def _entrypoint(verb: str, options: dict[str, object], *switches: str) -> str:
    # a file of symbols lies here, not on the cluster
    given = {name: read_symbols(str(value)) if name == "symbols" else value for name, value in options.items()}
    flags = [f"--{name}={value}" for name, value in given.items() if value != ""]
    return shlex.join(["python", "-m", f"jobs.{verb}", *flags, *filter(None, switches)])
