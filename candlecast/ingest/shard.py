"""One actor's share of the symbols: opened, followed, reviewed, handed over."""

import asyncio
import logging
import time
from collections.abc import Sequence

from candlecast.errors import StorageError
from candlecast.ingest.announcer import Announcer
from candlecast.ingest.catch_up import CatchUp
from candlecast.ingest.counting import count_taken
from candlecast.ingest.health import ShardHealth
from candlecast.ingest.intake import Taken
from candlecast.ingest.prices import PriceBoard
from candlecast.ingest.progress import Progress
from candlecast.ingest.review import Reviewer
from candlecast.ingest.services import IngestServices
from candlecast.ingest.streaming import StreamFollower
from candlecast.ingest.watchdog import RestWatchdog
from candlecast.ingest.writer import CandleWriter
from candlecast.market.calendars import ALWAYS_OPEN
from candlecast.market.symbols import Symbol
from candlecast.market.validation import SERIES

logger = logging.getLogger(__name__)

_RETRY_S = 1.0


class IngestShard:
    """Follows the symbols that are assigned to it; all its state can be had again from the database.

    Parameters
    ----------
    services : IngestServices
        Database, Redis, venues, clock and the followed timeframe; closed with the shard.
    """

    def __init__(self, services: IngestServices) -> None:
        self._services = services
        self._live_since = self._services.clock.now()
        self._symbols: dict[int, Symbol] = {}
        self._series: dict[int, Progress] = {}
        self._wanted: tuple[Symbol, ...] = ()
        self._changed = asyncio.Event()
        self._closed = asyncio.Event()
        timeframe = services.timeframe
        self._announcer = Announcer(cache=services.cache, timeframe=timeframe, symbols=self._symbols)
        self._prices = PriceBoard(clock=services.clock, cache=services.cache)
        self._writer = CandleWriter(
            intake=services.new_intake(self._symbols),
            clock=services.clock,
            timeframe=timeframe,
            calendar=ALWAYS_OPEN,
            on_taken=self._taken,
        )
        catch_up = CatchUp(services, self._writer, self._live_since)
        self._watchdog = RestWatchdog(services, catch_up=catch_up, prices=self._prices)
        self._streams = StreamFollower(services, writer=self._writer, prices=self._prices)
        self._reviewer = Reviewer(services, writer=self._writer, live_since=self._live_since)

    async def assign(self, symbols: Sequence[Symbol]) -> None:
        """Follow `symbols` from now on, and no others."""
        if set(symbols) != set(self._wanted):
            self._wanted = tuple(symbols)
            self._changed.set()

    def health(self) -> ShardHealth:
        """Return how the shard is."""
        whole = {one.symbol.name: one.whole_until for one in self._series.values()}
        return ShardHealth(
            symbols=tuple(symbol.name for symbol in self._wanted),
            newest_close={name: close for name, close in whole.items() if close is not None},
            busy_s=time.monotonic() - self._watchdog.ticked_at_s if self._series else 0.0,
            venues={name: state.state for name, state in self._services.chain.states().items()},
        )

    async def run(self) -> None:
        """Follow until `close`; raises what no retry can mend."""
        loops = [self._writer.run(), self._prices.run(), self._announcer.run(), self._follow_what_is_wanted()]
        tasks = [asyncio.create_task(loop) for loop in loops]
        closed = asyncio.create_task(self._closed.wait())
        try:
            done, _ = await asyncio.wait([*tasks, closed], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await _cancel(*tasks, closed)

    async def close(self) -> None:
        """Stop following and give back all connections."""
        self._closed.set()
        await self._services.close()

    async def _follow_what_is_wanted(self) -> None:
        while True:
            self._changed.clear()
            await self._open_series(self._wanted)
            following = asyncio.create_task(self._follow())
            changed = asyncio.create_task(self._changed.wait())
            try:
                done, _ = await asyncio.wait([following, changed], return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                await _cancel(following, changed)

    async def _follow(self) -> None:
        series = tuple(self._series.values())
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watchdog.run(series))
            group.create_task(self._reviewer.run(series))
            for home in self._streams.homes(series):
                group.create_task(self._streams.run(home, series))

    async def _open_series(self, symbols: Sequence[Symbol]) -> None:
        while True:
            try:
                self._series = await asyncio.to_thread(self._read_series, symbols)
                self._symbols.update({number: one.symbol for number, one in self._series.items()})
                return
            except StorageError as error:
                logger.warning("symbols wait for the database, trying again: %s", error)
                await asyncio.sleep(_RETRY_S)

    def _read_series(self, symbols: Sequence[Symbol]) -> dict[int, Progress]:
        services, timeframe = self._services, self._services.timeframe
        newest = services.candles.newest(timeframe, until=services.clock.now())
        series = {}
        for symbol, number in services.symbol_ids(symbols).items():
            one = Progress(symbol, number, timeframe)
            if symbol.name in newest:
                candle = newest[symbol.name]
                one.asked(
                    opened=candle.open_time, closed=candle.close_time, source=candle.source, quality=candle.quality
                )
            series[number] = one
        return series

    def _taken(self, taken: Taken) -> None:
        known = [one.open_of_newest for one in self._series.values() if one.open_of_newest is not None]
        if known:
            rows = taken.candles[taken.candles["open_time"] > min(known)]
            for number, opened, closed, source, quality in zip(
                rows[SERIES].tolist(),
                rows["open_time"].dt.to_pydatetime(),
                rows["close_time"].dt.to_pydatetime(),
                rows["source"].tolist(),
                rows["quality"].tolist(),
                strict=True,
            ):
                one = self._series.get(number)
                if one is not None and one.open_of_newest is not None and opened > one.open_of_newest:
                    one.stored(opened=opened, closed=closed, source=source, quality=quality)
        self._announcer.note(taken)
        count_taken(taken, now=self._services.clock.now())


async def _cancel(*tasks: "asyncio.Task[object]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
