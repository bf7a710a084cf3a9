"""The stream side of following: closed candles go to the writer, running ones to the price board."""

import asyncio
import logging
import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from candlecast.errors import SourceError
from candlecast.ingest.prices import PriceBoard
from candlecast.ingest.progress import Progress
from candlecast.ingest.services import IngestServices
from candlecast.ingest.writer import CandleWriter, Pushed
from candlecast.market.candles import Quality
from candlecast.market.listings import source_name
from candlecast.market.stream import watch_stream
from candlecast.market.symbols import Symbol
from candlecast.market.venues.protocol import CandleUpdate, Venue

logger = logging.getLogger(__name__)

RECONNECT_S, MAX_RECONNECT_S = 0.5, 30.0
# the least matters in fast replays only, whose candles last a second
MIN_SILENCE_S, MAX_SILENCE_S = 3.0, 300.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class StreamFollower:
    """Holds one connection a venue, for ever.

    Parameters
    ----------
    services : IngestServices
        Venues and clock.
    writer : CandleWriter
        Takes closed candles.
    prices : PriceBoard
        Takes running ones.
    """

    def __init__(self, services: IngestServices, *, writer: CandleWriter, prices: PriceBoard) -> None:
        self._services = services
        self._writer = writer
        self._prices = prices

    def homes(self, series: Iterable[Progress]) -> set[str]:
        """Return the venues whose streams `series` shall be followed on."""
        if not self._services.stream:
            return set()
        return {self._services.chain.venues_of(one.symbol)[0] for one in series}

    async def run(self, home: str, series: Iterable[Progress]) -> None:
        """Stream those of `series` whose home is the venue `home`; connects again whenever that ends."""
        mine = {one.symbol: one for one in series if self._services.chain.venues_of(one.symbol)[0] == home}
        wait_s = RECONNECT_S
        while True:
            # None while the venue's breaker is open, and always for one without a stream
            venue = await asyncio.to_thread(self._services.chain.stream_venue, next(iter(mine)))
            if venue is not None and await self._follow(venue, mine):
                wait_s = RECONNECT_S
            await asyncio.sleep(wait_s * random.uniform(0.8, 1.2))
            wait_s = min(2 * wait_s, MAX_RECONNECT_S)

    async def _follow(self, venue: Venue, mine: Mapping[Symbol, Progress]) -> bool:
        # one connection from its start to its end; tells whether anything came
        came, silence_s = False, self._silence_s(next(iter(mine.values())))
        try:
            async for update in watch_stream(venue, list(mine), self._services.timeframe, silence_s=silence_s):
                if not came:
                    self._services.chain.report(venue.name, None)
                came = True
                self._note(mine[update.symbol], update, venue)
        except SourceError as error:
            logger.warning("%s", error)
            self._services.chain.report(venue.name, error)
        finally:
            for one in mine.values():
                one.streaming = False
        return came

    def _note(self, one: Progress, update: CandleUpdate, venue: Venue) -> None:
        now = self._services.clock.now()
        opened = _EPOCH + timedelta(microseconds=update.open_us)
        source = source_name(venue.name, venue.quote_of(one.symbol))
        # the stream counts from the moment at which nothing before its candle is missing
        one.streaming = one.streaming or (one.whole_until is not None and one.whole_until >= opened)
        running = None if update.closed else (update.open_us, *update.values)
        self._prices.note(one.symbol, update.values[3], source=source, running=running)
        if update.closed:
            quality: Quality = "late" if now > opened + 1.5 * one.length else "stream"
            self._writer.push(Pushed(one.symbol_id, update.open_us, update.values, source, quality, now))

    def _silence_s(self, one: Progress) -> float:
        clock = self._services.clock
        return min(max(clock.wall_s_until(clock.now() + one.length / 2), MIN_SILENCE_S), MAX_SILENCE_S)
