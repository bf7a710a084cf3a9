"""Looks back over what is stored: were candles revised, are some missing, and which venue has them?"""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from candlecast.errors import InvalidRequestError, SourceError, StorageError
from candlecast.ingest.intake import Origin, deliver
from candlecast.ingest.progress import Progress
from candlecast.ingest.services import IngestServices
from candlecast.ingest.writer import CandleWriter
from candlecast.market.gaps import find_holes, group_holes
from candlecast.storage.postgres.gaps import StoredGap

logger = logging.getLogger(__name__)

# how many candles before the last review are asked for again, how often; a venue revises what is fresh
SPAN_CANDLES, EVERY_CANDLES = 64, 32
# an actor that begins does not know when the last review was; a venue gives so many with one request
FIRST_SPAN_CANDLES = 500
# a review that failed comes again after this share of the interval
RETRY_SHARE = 0.25
LONGEST_INTERVAL = timedelta(hours=6)
# one request asks for all holes within so many candles
REQUEST_CANDLES = 500
AT_ONCE = 2
FIRST_AFTER_CANDLES, FIRST_AFTER_S = 4, 30.0


class Reviewer:
    """Repairs what was missed and notes what no venue has.

    Parameters
    ----------
    services : IngestServices
        Venues, clock, candles and the ledger of gaps.
    writer : CandleWriter
        Stores what comes.
    live_since : datetime
        Market time since which candles are followed.
    """

    def __init__(self, services: IngestServices, *, writer: CandleWriter, live_since: datetime) -> None:
        self._services = services
        self._writer = writer
        self._live_since = live_since
        self._reviewed: dict[int, datetime] = {}

    async def run(self, series: Sequence[Progress]) -> None:
        """Review each of `series` for ever, a few at a time: all of its history first, later its newest part."""
        slots = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for place, one in enumerate(series):
                group.create_task(self._review_for_ever(one, slots, share=place / len(series)))

    async def review(self, one: Progress) -> None:
        """Ask again for the newest candles of a series, then for its holes.

        Raises
        ------
        SourceError
            When the home venue does not answer.
        StorageError
            When the database does not answer.
        """
        if one.whole_until is None:
            return
        end = one.whole_until
        span = await asyncio.to_thread(self._span, one, end)
        # noted before anything is asked for, so that the ledger knows of what is repaired at once
        await asyncio.to_thread(self._find_gaps, one, span)
        try:
            await self._ask_again(one)
        except SourceError:
            # other venues may have what is missing, all the same
            await self.fill(one, span)
            raise
        await self.fill(one, span)
        self._reviewed[one.symbol_id] = end

    async def fill(self, one: Progress, span: tuple[datetime, datetime]) -> None:
        """Ask each venue for the holes of a series in `span`; what no venue has is noted as an outage.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        gaps = await asyncio.to_thread(self._find_gaps, one, span)
        open_gaps = [gap for gap in gaps if gap.status == "open"]
        if open_gaps:
            for venue in self._services.chain.venues_of(one.symbol):
                await self._ask_for(one, [gap for gap in open_gaps if venue not in gap.venues_asked], venue)
            await asyncio.to_thread(self._settle, one, span)

    async def _review_for_ever(self, one: Progress, slots: asyncio.Semaphore, *, share: float) -> None:
        clock = self._services.clock
        first = min(FIRST_AFTER_S, clock.wall_s_until(clock.now() + FIRST_AFTER_CANDLES * one.length))
        await asyncio.sleep(first)
        every = max(one.length, min(EVERY_CANDLES * one.length, LONGEST_INTERVAL))
        # spread over the interval, so that the calls of many symbols do not come together
        extra = every * share
        while True:
            started_s, wait = time.monotonic(), every + extra
            async with slots:
                try:
                    await self.review(one)
                except (SourceError, InvalidRequestError, StorageError) as error:
                    logger.info("%s: review put off: %s", one.symbol.name, error)
                    wait = every * RETRY_SHARE
            wall_s = min(clock.wall_s_until(clock.now() + wait), 86_400.0)
            extra = timedelta()
            await asyncio.sleep(max(0.5, wall_s - (time.monotonic() - started_s)))

    async def _ask_again(self, one: Progress) -> None:
        # only the home venue may revise: another one's prices differ a little
        home = self._services.chain.venues_of(one.symbol)[0]
        assert one.whole_until is not None
        known = self._reviewed.get(one.symbol_id)
        n_candles = FIRST_SPAN_CANDLES if known is None else SPAN_CANDLES
        # four times as long for a stock, whose market is open for a part of the day
        reach = n_candles * one.length * (1 if one.symbol.asset_class == "crypto" else 4)
        await self._fetch(one, home, start=(known or one.whole_until) - reach, end=one.whole_until, only_missing=False)

    async def _ask_for(self, one: Progress, gaps: Sequence[StoredGap], venue: str) -> None:
        by_hole = {gap.hole: gap.id for gap in gaps}
        for group in group_holes(list(by_hole), longest=REQUEST_CANDLES * one.length):
            try:
                await self._fetch(one, venue, start=group[0].start, end=group[-1].end, only_missing=True)
            except InvalidRequestError:
                # the venue does not trade the symbol, or not in this timeframe: an answer, too
                pass
            except SourceError as error:
                logger.info("%s: %s was not asked for a hole: %s", one.symbol.name, venue, error)
                continue
            numbers = [by_hole[hole] for hole in group]
            now = self._services.clock.now()
            await asyncio.to_thread(self._services.gaps.mark_asked, numbers, venue=venue, asked_at=now)

    async def _fetch(self, one: Progress, venue: str, *, start: datetime, end: datetime, only_missing: bool) -> None:
        services, asked_at = self._services, self._services.clock.now()
        fetched = await services.chain.fetch_from(venue, one.symbol, services.timeframe, start=start, end=end)
        origin = Origin(
            one.symbol_id,
            source=fetched.source,
            quality="repaired",
            asked_at=asked_at,
            received_at=services.clock.now(),
            live_since=self._live_since,
        )
        await self._writer.write(deliver(fetched.candles, origin, only_missing=only_missing))

    def _span(self, one: Progress, end: datetime) -> tuple[datetime, datetime]:
        services = self._services
        if one.symbol_id in self._reviewed:
            start = end - 2 * SPAN_CANDLES * one.length
            return services.gaps.widen(one.symbol_id, services.timeframe, start=start, end=end)
        oldest = services.candles.page(one.symbol_id, services.timeframe, until=end, limit=1)
        return (oldest["open_time"].iloc[0].to_pydatetime() if len(oldest) else end), end

    def _find_gaps(self, one: Progress, span: tuple[datetime, datetime]) -> list[StoredGap]:
        services = self._services
        stored = services.candles.open_times(one.symbol_id, services.timeframe, start=span[0], end=span[1])
        holes = find_holes(
            stored, start=span[0], end=span[1], timeframe=services.timeframe, calendar=one.symbol.calendar
        )
        return services.gaps.record(
            one.symbol_id, services.timeframe, holes, span=span, noticed_at=services.clock.now()
        )

    def _settle(self, one: Progress, span: tuple[datetime, datetime]) -> None:
        # what every venue was asked for, and is still not there, is an outage
        everybody = set(self._services.chain.venues_of(one.symbol))
        left = [gap for gap in self._find_gaps(one, span) if gap.status == "open"]
        outages = [gap.id for gap in left if everybody <= set(gap.venues_asked)]
        if outages:
            self._services.gaps.mark_outage(outages, settled_at=self._services.clock.now())
