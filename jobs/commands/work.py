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
    follow_job("backfill", options, "--json" if as_json else "")


def ingest(symbols: Symbols = "", timeframe: Timeframe = "") -> None:
    """Store every candle as it closes, until stopped; what ends on the cluster is begun again."""
    from cluster.submit import ClusterClient
    from cluster.supervise import keep_ingesting

    entrypoint = _entrypoint("ingest", {"symbols": symbols, "timeframe": timeframe})
    keep_ingesting(ClusterClient(load_settings(program="ingest").cluster), entrypoint)


def news(
    archive: Annotated[Path | None, typer.Option(help="CSV(.gz) with published_at,title[,source,url,summary]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")] = False,
) -> None:
    """Ask every news feed once, or store an archive of articles, and have all that is new judged.

    Example: candlecast news --archive news-2021-2024.csv.gz
    """
    follow_job("news", {"archive": archive.resolve() if archive else ""}, "--json" if as_json else "")


def train(
    symbols: Symbols = "",
    timeframe: Timeframe = "",
    horizon: Horizon = 0,
    algorithm: Annotated[str, typer.Option(help="xgboost, random_forest, logistic, naive; default: xgboost")] = "",
    folds: Annotated[int, typer.Option(min=0, max=50, help="test blocks of the walk-forward; 0: 3")] = 0,
) -> None:
    """Train one model over all symbols, judge it out of sample, promote it if it is the first or surely better."""
    options = {"symbols": symbols, "timeframe": timeframe, "horizon": horizon or ""}
    follow_job("train", options | {"algorithm": algorithm, "folds": folds or ""})


def tune(
    symbols: Symbols = "",
    timeframe: Timeframe = "",
    horizon: Horizon = 0,
    trials: Annotated[int, typer.Option(min=1, max=1_000, help="parameter sets to try; a grid tries all 81")] = 8,
    concurrent: Annotated[int, typer.Option(min=1, max=64, help="trials at a time")] = 2,
    method: Annotated[str, typer.Option(help="optuna, or grid: every point of a fixed grid")] = "optuna",
    each: Annotated[bool, typer.Option("--each", help="a search and a model for every symbol by itself")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="give up a broken-off search, do not go on with it")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")] = False,
) -> None:
    """Search parameters with Ray Tune, then train with the best; broken off, it goes on when run again.

    Example: candlecast tune --symbols BTC/USDT,ETH/USDT --trials 24
    """
    options = {"symbols": symbols, "timeframe": timeframe, "horizon": horizon or "", "trials": trials}
    options |= {"concurrent": concurrent, "method": method}
    switches = {"--each": each, "--anew": anew, "--json": as_json}
    follow_job("tune", options, *(name for name, given in switches.items() if given))


def evaluate(
    symbols: Symbols = "",
    timeframe: Timeframe = "",
    horizons: Annotated[str, typer.Option(help="candles ahead, comma-separated")] = "1,4,24",
    folds: Annotated[int, typer.Option(min=1, max=50, help="test blocks")] = 5,
    rolling: Annotated[int, typer.Option(min=0, help="candles that each fold learns from; 0: all before it")] = 0,
    embargo: Annotated[int, typer.Option(min=0, help="candles left out before each test block")] = 24,
    test_from: Annotated[str, typer.Option(help="first tested day, as 2020-03-01; default: the last half")] = "",
    cost_bps: Annotated[float, typer.Option(min=0, help="cost of buying or selling one unit, in bps")] = 10.0,
    html: Annotated[Path | None, typer.Option(help="page with all figures and charts, written by the cluster")] = None,
    check_leaks: Annotated[bool, typer.Option("--check-leaks", help="run the leak gates; exit 1 if one fires")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")] = False,
) -> None:
    """Judge out of sample: walk forward over the stored candles, print and store every figure with its interval.

    Example: candlecast evaluate --horizons 1,4,24 --html report.html --check-leaks
    """
    options = {"symbols": symbols, "timeframe": timeframe, "horizons": horizons, "folds": folds, "rolling": rolling}
    options |= {"embargo": embargo, "test-from": test_from, "cost-bps": cost_bps}
    options |= {"html": html.resolve() if html else ""}
    follow_job("evaluate", options, "--check-leaks" if check_leaks else "", "--json" if as_json else "")


def follow_job(verb: str, options: dict[str, object], *switches: str) -> None:
    """Submit ``jobs.<verb>`` with its options, those that are not empty, show its log, and end as it ends."""
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
