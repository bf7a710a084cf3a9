"""A shard's parts around venues that tests control, a real database and a clock that runs fast."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pandas as pd
import pytest

from candlecast.clock import ReplayClock, wall_s
from candlecast.ingest.services import IngestServices
from candlecast.ingest.shard import IngestShard
from candlecast.market.failover import VenueChain
from candlecast.market.symbols import Symbol
from candlecast.storage.cache import Cache
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.gaps import GapStore
from tests.builders import make_candles
from tests.fake_venue import FakeVenue

BTC = Symbol.parse("BTC/USDT")
N_CANDLES, N_HISTORY = 400, 300
# a candle of one hour closes every wall second
SPEED = 3_600.0
WAIT_S = 20.0


@dataclass
class World:
    """Three venues with one truth, a clock that begins after `N_HISTORY` candles, and the stores."""

    candles: pd.DataFrame
    clock: ReplayClock
    venues: dict[str, FakeVenue]
    database: Database

    def services(self) -> IngestServices:
        return IngestServices(
            timeframe="1h",
            history_candles=1_000,
            stream=True,
            clock=self.clock,
            chain=VenueChain(tuple(self.venues), open_venue=self.venues.__getitem__),
            database=self.database,
            cache=Cache(""),
        )

    @asynccontextmanager
    async def shard(self, *symbols: Symbol):
        """Run a shard over `symbols` while the block runs."""
        shard = IngestShard(self.services())
        await shard.assign(symbols or (BTC,))
        running = asyncio.create_task(shard.run())
        try:
            yield shard
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds."""
        async with asyncio.timeout(WAIT_S):
            while True:
                if await asyncio.to_thread(condition):
                    return
                await asyncio.sleep(0.05)

    def stored(self) -> pd.DataFrame:
        with self.database.transaction() as cursor:
            cursor.execute("SELECT id FROM symbols WHERE symbol = %s", (BTC.name,))
            row = cursor.fetchone()
        return CandleStore(self.database).read(row[0], "1h", until=None) if row else pd.DataFrame()

    def gaps(self):
        return GapStore(self.database).list()

    def closed(self) -> pd.DataFrame:
        """Return the true candles that are closed by now."""
        return self.candles[self.candles["close_time"] <= self.clock.now()]


@pytest.fixture
def world(database) -> World:
    candles = make_candles(N_CANDLES)
    start = candles["close_time"][N_HISTORY - 1].to_pydatetime()
    clock = ReplayClock(wall_s(), start, candles["close_time"].iloc[-1].to_pydatetime(), SPEED)
    truth = {BTC.name: candles}
    venues = {name: FakeVenue(name, truth, clock) for name in ("binance", "kraken", "yahoo")}
    return World(candles, clock, venues, database)
