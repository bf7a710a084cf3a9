"""The REST side of following: the only one for venues without a stream, the watchdog for the others."""

import asyncio
import logging
import random
import time
from collections.abc import Sequence
from datetime import timedelta

from candlecast.errors import InvalidRequestError, SourceError, SourceRateLimitedError, StorageError
from candlecast.ingest.catch_up import CatchUp
from candlecast.ingest.prices import PriceBoard
from candlecast.ingest.progress import Progress
from candlecast.ingest.services import IngestServices

logger = logging.getLogger(__name__)

TICK_S = 0.1
REST_AT_ONCE = 16
MIN_RETRY_S, MAX_RETRY_S = 0.5, 60.0
# a stream has a tenth of a candle, and at least this, to tell of a close
STREAM_GRACE_S = 1.0


class RestWatchdog:
    """Asks for every candle that is due and not there.

    Parameters
    ----------
    services : IngestServices
        Gives the clock.
    catch_up : CatchUp
        Asks and stores.
    prices : PriceBoard
        Takes the running candles of the answers.
    """

    def __init__(self, services: IngestServices, *, catch_up: CatchUp, prices: PriceBoard) -> None:
        self._clock = services.clock
        self._catch_up = catch_up
        self._prices = prices
        self._slots = asyncio.Semaphore(REST_AT_ONCE)
        self.ticked_at_s = time.monotonic()

    async def run(self, series: Sequence[Progress]) -> None:
        """Watch `series` for ever."""
        async with asyncio.TaskGroup() as group:
            while True:
                self.ticked_at_s = time.monotonic()
                for one in [one for one in series if self._must_ask(one)]:
                    one.asking = True
                    group.create_task(self._ask(one))
                await asyncio.sleep(TICK_S)

    def _must_ask(self, one: Progress) -> bool:
        if one.asking or time.monotonic() < one.ask_at_s:
            return False
        return one.overdue(self._clock.now()) >= (self._grace(one) if one.streaming else timedelta())

    def _grace(self, one: Progress) -> timedelta:
        tenth_s = self._wall_s(one.length / 10)
        return one.length / 10 * max(1.0, STREAM_GRACE_S / tenth_s)

    async def _ask(self, one: Progress) -> None:
        before = one.whole_until
        try:
            async with self._slots:
                fetched = await self._catch_up.bring_up(one)
            self._prices.note_frame(one.symbol, fetched.candles, source=fetched.source)
            if one.whole_until == before:
                self._retry_later(one)
        except SourceRateLimitedError as error:
            one.ask_at_s = time.monotonic() + error.retry_after_s
        except (SourceError, InvalidRequestError, StorageError) as error:
            if one.failures == 0:
                logger.warning("%s: candles not loaded, trying again: %s", one.symbol.name, error)
            self._retry_later(one)
        finally:
            one.asking = False

    def _retry_later(self, one: Progress) -> None:
        # from a sixtieth of a candle up to a whole one, so that an outage costs few calls
        candle_s = self._wall_s(one.length)
        wait_s = min(max(MIN_RETRY_S, candle_s / 60) * 2**one.failures, max(MIN_RETRY_S, candle_s), MAX_RETRY_S)
        one.failures = min(one.failures + 1, 16)
        one.ask_at_s = time.monotonic() + wait_s * random.uniform(0.9, 1.1)

    def _wall_s(self, span: timedelta) -> float:
        return max(self._clock.wall_s_until(self._clock.now() + span), 1e-9)
