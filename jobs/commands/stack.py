"""Starting the stack, bringing up a cluster, and asking how it is."""

import shlex
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from candlecast.bootstrap import resolve_market
from candlecast.client import CandlecastClient
from candlecast.settings import Settings
from jobs.entry import load_settings, show
from jobs.symbols_option import read_symbols


def run(
    source: Annotated[str | None, typer.Option(help="live, recorded, or auto: live if a venue answers in 5 s")] = None,
    data: Annotated[Path | None, typer.Option(help="folder of SYMBOL.csv(.gz) or .parquet candles")] = None,
    news: Annotated[
        Path | None, typer.Option(help="CSV(.gz) of published_at,title[,source,url] to play as news")
    ] = None,
    symbols: Annotated[str | None, typer.Option(help="comma-separated, as BTC/USDT,AAPL, or @FILE")] = None,
    timeframe: Annotated[str | None, typer.Option(help="1m 5m 15m 1h 4h 1d")] = None,
    speed: Annotated[float | None, typer.Option(help="market seconds per second of a recording")] = None,
    faults: Annotated[Path | None, typer.Option(help="script of what goes wrong at the recorded venues")] = None,
    start: Annotated[str | None, typer.Option(help="market time at which a recording begins, RFC 3339")] = None,
    folder: Annotated[Path | None, typer.Option(help="data, logs and secrets of the stack")] = None,
    port_offset: Annotated[int | None, typer.Option(help="added to every port, for a second stack")] = None,
) -> None:
    """Start the whole stack on this machine and keep it running until Ctrl-C.

    Example: candlecast run --source recorded --data candles --symbols BTC/USDT,ETH/USDT --timeframe 1h
    """
    from cluster.environment import forget_published
    from cluster.local import run as run_stack

    forget_published()
    paths = {"data": data, "news": news, "faults": faults}
    files = {name: path.resolve() for name, path in paths.items() if path}
    given = {
        "market": {"source": source, "symbols": symbols and read_symbols(symbols), "timeframe": timeframe},
        "replay": {**files, "speed": speed, "start": start},
        "stack": {"folder": folder, "port_offset": port_offset},
    }
    run_stack(_with_flags(load_settings(), given), say=lambda line: typer.echo(f"candlecast: {line}"))


def deploy(
    forecast: Annotated[bool, typer.Option(help="wait for a forecast; none comes unless candles are followed")] = True,
    if_missing: Annotated[bool, typer.Option("--if-missing", help="do nothing when the API is deployed")] = False,
) -> None:
    """Deploy the API on a running cluster, load history, train the first model, wait for a forecast."""
    from cluster.bring_up import HttpAddress, bring_up, first_forecast
    from cluster.submit import ClusterClient

    settings = load_settings()
    if if_missing and ClusterClient(settings.cluster).deployed():
        return
    # in a network of its own the cluster listens on all its interfaces; clients reach it at the API's address
    address = HttpAddress(settings.api.host, urlsplit(settings.api.url).port or 80)
    bring_up(settings, address=address, follow=False, say=lambda line: typer.echo(f"candlecast: {line}"))
    if forecast:
        first = first_forecast(settings, resolve_market(settings))
        typer.echo(f"{first.symbol} {first.timeframe}: P(up) {first.p_up:.3f} at {first.target_time}")


def env(
    folder: Annotated[Path | None, typer.Option(help="folder of the stack")] = None,
) -> None:
    """Print the shell lines that point `ray job submit` and candlecast at the running stack.

    Example: eval "$(candlecast env)"
    """
    from cluster.stack_files import running_environment

    settings = load_settings()
    for name, value in sorted(running_environment(folder or settings.stack.folder).items()):
        typer.echo(f"export {name}={shlex.quote(value)}")


def status(as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False) -> None:
    """Print whether forecasts can be served, check by check."""
    api = load_settings().api
    with CandlecastClient(api.url, api_key=api.key.get_secret_value(), timeout_s=10) as client:
        readiness = client.readiness()
    lines = [f"{'ok ' if check.ok else 'BAD'} {check.name}: {check.detail}" for check in readiness.checks]
    text = "\n".join([*lines, f"{'ready' if readiness.ready else 'not ready'} ({readiness.source})"])
    show(readiness.model_dump(mode="json"), text=text, as_json=as_json)
    if not readiness.ready:
        raise typer.Exit(1)


def _with_flags(settings: Settings, given: dict[str, dict[str, Any]]) -> Settings:
    # through the model again, so that a flag is checked like any other setting
    plain = settings.model_dump()
    for group, fields in given.items():
        plain[group] |= {name: value for name, value in fields.items() if value is not None}
    return Settings.model_validate(plain)
