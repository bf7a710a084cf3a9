"""Loads history: venue -> validation -> PostgreSQL, for a few symbols or ranges at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from candlecast.bootstrap import open_ingestion
from candlecast.errors import SourceError, SourceRateLimitedError, SourceUnavailableError
from candlecast.ingest.intake import Origin, deliver
from candlecast.ingest.services import IngestServices
from candlecast.market.candles import Quality
from candlecast.market.failover import Fetched
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.settings import Settings

logger = logging.getLogger(__name__)

_AT_A_TIME = 3
_ATTEMPTS = 5
_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class Span:
    """Candles that open in ``[start, end)``, aware."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one load of a symbol did."""

    symbol: str
    n_stored: int
    n_rejected: int
    newest_close: datetime | None


class Loader:
    """Brings symbols up to date, or loads ranges; used from outside an event loop.

    Parameters
    ----------
    settings : Settings
        Database, venues and the followed timeframe.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def load(self, symbols: Sequence[Symbol]) -> list[Loaded]:
        """Fetch and store what is missing of `symbols` since their newest stored candle.

        Raises
        ------
        SourceError
            When no venue answers for good.
        StorageError
            When the database does not answer.
        """

        async def load_all(services: IngestServices) -> list[Loaded]:
            spans = await asyncio.to_thread(_missing_since_newest, services, symbols)
            return await load_spans(services, spans)

        return asyncio.run(self._with_services(load_all))

    def load_spans(self, spans: Sequence[tuple[Symbol, Span]]) -> list[Loaded]:
        """Fetch and store ranges of history, one result each; raises as `load`."""
        return asyncio.run(self._with_services(lambda services: load_spans(services, spans)))

    async def _with_services(self, act: Callable[[IngestServices], Awaitable[list[Loaded]]]) -> list[Loaded]:
        services = open_ingestion(self._settings)
        try:
            return await act(services)
        finally:
            await services.close()


def _missing_since_newest(services: IngestServices, symbols: Sequence[Symbol]) -> list[tuple[Symbol, Span]]:
    now = services.clock.now()
    first = services.first_open(now)
    newest = services.candles.newest(services.timeframe, until=now)
    # the newest candle is asked for again: a venue may have revised it
    starts = [newest[symbol.name].open_time if symbol.name in newest else first for symbol in symbols]
    return [(symbol, Span(start, now)) for symbol, start in zip(symbols, starts, strict=True)]


async def load_spans(services: IngestServices, spans: Sequence[tuple[Symbol, Span]]) -> list[Loaded]:
    """Fetch and store ranges of history with what is open already; see `Loader.load_spans`."""
    numbers = await asyncio.to_thread(services.symbol_ids, [symbol for symbol, _ in spans])
    slots = asyncio.Semaphore(_AT_A_TIME)

    async def one(symbol: Symbol, span: Span) -> Loaded:
        async with slots:
            return await _load_one(services, symbol, numbers[symbol], span)

    return await asyncio.gather(*(one(symbol, span) for symbol, span in spans))


async def _load_one(services: IngestServices, symbol: Symbol, number: int, span: Span) -> Loaded:
    asked_at = services.clock.now()
    answers = await _fetch(services, symbol, span)
    now = services.clock.now()
    # live is what closed within the last candle; all before is history, known since its close
    live_since = now - timedelta(seconds=timeframe_s(services.timeframe))
    deliveries = [
        deliver(
            fetched.candles,
            Origin(number, fetched.source, _quality(fetched), asked_at, received_at=now, live_since=live_since),
            only_missing=fetched.failover,
        )
        for fetched in answers
    ]
    taken = await asyncio.to_thread(services.new_intake({number: symbol}).take, deliveries, now=now)
    newest: pd.Timestamp | None = taken.candles["close_time"].max() if len(taken.candles) else None
    n_stored = taken.written.inserted + taken.written.revised
    return Loaded(symbol.name, n_stored, taken.n_rejected, None if newest is None else newest.to_pydatetime())


def _quality(fetched: Fetched) -> Quality:
    return "failover" if fetched.failover else "rest"


async def _fetch(services: IngestServices, symbol: Symbol, span: Span) -> list[Fetched]:
    fetched = await _patiently(services, symbol, span, skip=frozenset())
    answers, first = [fetched], _first_open(fetched, span)
    length = timedelta(seconds=timeframe_s(services.timeframe))
    while answers[-1].failover and first - span.start > length:
        # a stand-in may keep its recent candles only; who comes next may have the older ones
        asked = frozenset(answer.venue for answer in answers) | {symbol.venue}
        try:
            older = await services.chain.fetch_candles(
                symbol, services.timeframe, start=span.start, end=first, skip=asked
            )
        except SourceError as error:
            logger.info("%s: no further venue for the candles before %s: %s", symbol.name, first, error)
            break
        answers.append(older)
        first = _first_open(older, span)
    return answers[::-1]


def _first_open(fetched: Fetched, span: Span) -> datetime:
    if fetched.candles.empty:
        return span.end
    opened: pd.Timestamp = fetched.candles["open_time"].iloc[0]
    return opened.to_pydatetime()


async def _patiently(services: IngestServices, symbol: Symbol, span: Span, *, skip: frozenset[str]) -> Fetched:
    # the chain tries each venue again for a moment; history can wait longer than a live candle
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return await services.chain.fetch_candles(
                symbol, services.timeframe, start=span.start, end=span.end, skip=skip
            )
        except SourceRateLimitedError as error:
            wait_s = error.retry_after_s
            if attempt == _ATTEMPTS:
                raise
        except SourceUnavailableError:
            wait_s = _PAUSE_S * attempt
            if attempt == _ATTEMPTS:
                raise
        await asyncio.sleep(wait_s)
    raise AssertionError("the last attempt returns or raises")
