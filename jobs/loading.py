"""Venue -> validation -> PostgreSQL for one symbol at a time: the step that backfill and ingest share."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import pandas as pd
import stamina

from candlecast.bootstrap import Market, open_database, open_market, open_venue_of
from candlecast.errors import SourceUnavailableError
from candlecast.market.candles import Symbol, timeframe_s
from candlecast.market.validation import validate_candles
from candlecast.market.venues.protocol import Venue
from candlecast.settings import Settings
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.quarantine import QuarantineStore
from candlecast.storage.postgres.symbols import SymbolStore

# no calendar reaches further back
EARLIEST = datetime(1990, 1, 2, tzinfo=UTC)
_CENTURY_S = 100 * 365 * 86_400
_AT_A_TIME = 3


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one load of a symbol did."""

    symbol: str
    n_stored: int
    n_rejected: int
    newest_close: datetime | None


class Loader:
    """Brings symbols up to date; holds one database pool and one client a venue.

    Parameters
    ----------
    settings : Settings
        Database, venues and the followed timeframe.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.market: Market = open_market(settings)
        self._database = open_database(settings)
        self._candles = CandleStore(self._database)
        self._quarantine = QuarantineStore(self._database)
        self._symbol_ids = SymbolStore(self._database).ensure(self.market.symbols)
        self._venues: dict[str, Venue] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def load(self, symbols: Sequence[Symbol]) -> list[Loaded]:
        """Fetch and store what is missing of `symbols`, a few at a time, from outside an event loop."""

        async def one(symbol: Symbol, slots: asyncio.Semaphore) -> Loaded:
            async with slots:
                return await self.load_async(symbol)

        async def all_of_them() -> list[Loaded]:
            slots = asyncio.Semaphore(_AT_A_TIME)
            try:
                return await asyncio.gather(*(one(symbol, slots) for symbol in symbols))
            finally:
                await self.close_venues()

        return asyncio.run(all_of_them())

    async def load_async(self, symbol: Symbol) -> Loaded:
        """Fetch what is missing of `symbol` since its newest stored candle, validate and store it.

        Raises
        ------
        SourceError
            When the venue fails for good.
        StorageError
            When the database does not answer.
        """
        timeframe, now = self.market.settings.timeframe, self.market.clock.now()
        start = await asyncio.to_thread(self._resume_from, symbol, timeframe, now)
        fetched = await self._fetch(symbol, timeframe, start, now)
        received_at = self.market.clock.now()
        checked = validate_candles(fetched, symbol=symbol, timeframe=timeframe, now=received_at)
        return await asyncio.to_thread(self._store, symbol, checked.candles, checked.rejected, received_at)

    async def close_venues(self) -> None:
        """Close the connections to all venues."""
        for venue in self._venues.values():
            await venue.close()
        self._venues.clear()

    def _resume_from(self, symbol: Symbol, timeframe: str, now: datetime) -> datetime:
        newest = self._candles.newest(timeframe, until=now).get(symbol.name)
        if newest is not None:
            # the newest candle is asked for again: a venue may have revised it
            return newest.open_time
        history_s = timeframe_s(timeframe) * self._settings.market.history_candles
        return max(EARLIEST, now - timedelta(seconds=min(history_s, _CENTURY_S)))

    @stamina.retry(on=SourceUnavailableError, attempts=4, wait_initial=0.2, wait_max=5.0)
    async def _fetch(self, symbol: Symbol, timeframe: str, start: datetime, end: datetime) -> pd.DataFrame:
        if symbol.venue not in self._venues:
            self._venues[symbol.venue] = open_venue_of(symbol, self._settings)
        return await self._venues[symbol.venue].fetch_candles(symbol, timeframe, start=start, end=end)

    def _store(self, symbol: Symbol, candles: pd.DataFrame, rejected: pd.DataFrame, received_at: datetime) -> Loaded:
        timeframe, symbol_id = self.market.settings.timeframe, self._symbol_ids[symbol.name]
        self._quarantine.add(symbol_id, timeframe, rejected, source=symbol.venue, seen_at=received_at)
        written = self._candles.upsert(
            symbol_id,
            timeframe,
            candles,
            source=symbol.venue,
            quality="rest",
            known_at=_known_at(candles, received_at, timeframe),
        )
        newest = candles["close_time"].iloc[-1].to_pydatetime() if len(candles) else None
        return Loaded(symbol.name, written.inserted + written.revised, len(rejected), newest)


def _known_at(candles: pd.DataFrame, received_at: datetime, timeframe: str) -> pd.Series:
    # a candle that closed within the last timeframe is live: known when received; older ones: known at their close
    live = candles["close_time"] > received_at - timedelta(seconds=timeframe_s(timeframe))
    return candles["close_time"].where(~live, pd.Timestamp(received_at))
