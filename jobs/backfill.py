"""Fills the history of every symbol, in parallel on the cluster: ``python -m jobs.backfill --symbols BTC/USDT``."""

import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from candlecast.bootstrap import Market, open_market
from candlecast.errors import InvalidRequestError, SourceError
from candlecast.ingest.loader import Span
from candlecast.ingest.services import EARLIEST
from candlecast.market.timeframes import timeframe_s
from cluster.connect import connect
from cluster.ingestion import book_share
from jobs.backfill_driver import Filled, fill
from jobs.entry import load_settings, run_command, show, with_market

app = typer.Typer(add_completion=False)


@app.command()
def backfill(
    since: Annotated[str, typer.Option(help="as 2024-01-31 or 2024-01-31T12:00Z; default: as far as is followed")] = "",
    until: Annotated[str, typer.Option(help="as --since; default: now")] = "",
    symbols: Annotated[str, typer.Option(help="comma-separated, or @FILE; default: all that are followed")] = "",
    timeframe: Annotated[str, typer.Option(help="1m 5m 15m 1h 4h 1d; default: the one that is followed")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Fetch, validate and store what is missing of a span; may be stopped and run again at any time.

    Example: python -m jobs.backfill --since 2024-01-01 --symbols BTC/USDT,ETH/USDT --timeframe 1h
    """
    followed = load_settings()
    settings = with_market(followed, symbols=symbols, timeframe=timeframe)
    bounds = _read_time("since", since), _read_time("until", until)
    market, begun_s = open_market(settings), time.monotonic()
    span = _span(market, *bounds, history_candles=settings.market.history_candles)
    connect(settings.cluster)
    book_share(followed)
    filled = fill(settings, market, span, say=typer.echo)
    result = _result(filled, n_symbols=len(market.symbols), elapsed_s=time.monotonic() - begun_s)
    show(result, text=_TEXT.format(**result), as_json=as_json)
    if filled.failed:
        raise SourceError(
            f"{len(filled.failed)} of {len(filled.chunks)} ranges could not be loaded, the first of "
            f"{filled.failed[0].symbol}: {filled.failed[0].error}; run the backfill again to go on"
        )


_TEXT = (
    "{stored:,} candles of {symbols} symbols stored in {elapsed_s:.1f} s, {rejected:,} rejected, "
    "{missing:,} still missing, {outages:,} that no venue has"
)


def _read_time(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequestError(
            f"--{name} must be a date or a time as 2024-01-31 or 2024-01-31T12:00Z, was {text[:40]!r}"
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _span(market: Market, since: datetime | None, until: datetime | None, *, history_candles: int) -> Span:
    now, length_s = market.clock.now(), timeframe_s(market.settings.timeframe)
    end = min(until or now, now)
    reach_s = min(history_candles * length_s, (now - EARLIEST).total_seconds())
    start = max(since or now - timedelta(seconds=reach_s), EARLIEST)
    if start >= end:
        limit = "--until" if until is not None and until <= now else "the market's time"
        raise InvalidRequestError(f"--since must be before {limit}, {end:%Y-%m-%dT%H:%MZ}, was {start:%Y-%m-%dT%H:%MZ}")
    return Span(start, end)


def _result(filled: Filled, *, n_symbols: int, elapsed_s: float) -> dict[str, Any]:
    return {
        "symbols": n_symbols,
        "stored": sum(item.n_stored for item in filled.chunks),
        "rejected": sum(item.n_rejected for item in filled.chunks),
        "missing": sum(item.n_open for item in filled.settled),
        "outages": sum(item.n_outage for item in filled.settled),
        "failed_ranges": len(filled.failed),
        "elapsed_s": round(elapsed_s, 2),
    }


if __name__ == "__main__":
    run_command(app)
