"""What do the symbols of a backfill lack, and does anybody trade them? Reads and asks; writes nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from candlecast.bootstrap import open_database, open_market, open_venues
from candlecast.errors import SourceError
from candlecast.ingest.loader import Span
from candlecast.market.calendars import expected_open_times
from candlecast.market.gaps import Hole, find_holes
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.settings import Settings
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.gaps import GapStore
from candlecast.storage.postgres.symbols import SymbolStore

_AT_A_TIME = 16
_PROBE_CANDLES = 2
# a stock's market is closed on weekends and holidays; no venue keeps less of any timeframe
_STOCK_PROBE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Missing:
    """What a symbol lacks.

    Parameters
    ----------
    symbol : Symbol
        Which one.
    holes : tuple of Hole
        Ascending, without outages: those are settled.
    is_new : bool
        Whether none of the span is stored.
    """

    symbol: Symbol
    holes: tuple[Hole, ...]
    is_new: bool


def survey(settings: Settings, symbols: Sequence[Symbol], span: Span) -> list[Missing]:
    """Return what each of `symbols` lacks of the grid of `span`.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    timeframe, database = open_market(settings).settings.timeframe, open_database(settings)
    try:
        numbers = {symbol.name: number for symbol, number in SymbolStore(database).all().items()}
        return [find_missing(database, symbol, numbers.get(symbol.name), timeframe, span) for symbol in symbols]
    finally:
        database.close()


def find_missing(database: Database, symbol: Symbol, number: int | None, timeframe: str, span: Span) -> Missing:
    """Return what `symbol` lacks of the grid of `span`; `number` None: the database does not know it.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    grid = {"timeframe": timeframe, "calendar": symbol.calendar}
    known = stored = expected_open_times(span.start, span.start, **grid)
    if number is not None:
        known = stored = CandleStore(database).open_times(number, timeframe, start=span.start, end=span.end)
        for outage in GapStore(database).list(timeframe, "outage", number):
            known = known.append(expected_open_times(outage.hole.start, outage.hole.end, **grid))
    holes = find_holes(known, start=span.start, end=span.end, **grid)
    return Missing(symbol, tuple(holes), is_new=stored.empty)


def check_symbols(settings: Settings, symbols: Sequence[Symbol]) -> None:
    """Ask the venues whether they trade `symbols`; one that does not answer is not held against them.

    Raises
    ------
    UnknownSymbolError
        When no venue does; names the near ones.
    InvalidRequestError
        When no venue has the timeframe.
    """
    asyncio.run(_check(settings, symbols))


async def _check(settings: Settings, symbols: Sequence[Symbol]) -> None:
    market, chain, slots = open_market(settings), open_venues(settings), asyncio.Semaphore(_AT_A_TIME)
    timeframe, now = market.settings.timeframe, market.clock.now()
    short = timedelta(seconds=_PROBE_CANDLES * timeframe_s(timeframe))

    async def check_one(symbol: Symbol) -> None:
        start = now - (_STOCK_PROBE if symbol.asset_class == "stock" else short)
        async with slots:
            try:
                await chain.fetch_candles(symbol, timeframe, start=start, end=now)
            except SourceError:
                return

    try:
        await asyncio.gather(*(check_one(symbol) for symbol in symbols))
    finally:
        await chain.close()
