"""How does a series get what it lacks up to now? By REST, from the venues in their order."""

from dataclasses import dataclass
from datetime import datetime

from candlecast.errors import SourceError
from candlecast.ingest.intake import Origin, deliver
from candlecast.ingest.progress import Progress
from candlecast.ingest.services import IngestServices
from candlecast.ingest.writer import CandleWriter
from candlecast.market.candles import Quality
from candlecast.market.failover import Fetched


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Asks for what is due and hands it to the writer.

    Parameters
    ----------
    services : IngestServices
        Venues and clock.
    writer : CandleWriter
        Stores the answer.
    live_since : datetime
        Market time since which candles are followed: what closed before is history.
    """

    services: IngestServices
    writer: CandleWriter
    live_since: datetime

    async def bring_up(self, progress: Progress) -> Fetched:
        """Fetch and store what closed since ``progress.whole_until``; asks further venues for what the first lacks.

        Returns
        -------
        Fetched
            The first answer, its running candle included.

        Raises
        ------
        SourceError
            When no venue answers.
        UnknownSymbolError
            When no venue trades the symbol.
        """
        asked_at = self.services.clock.now()
        fetched = await self._load(progress, skip=frozenset())
        if progress.whole_until is not None and progress.overdue(asked_at) > progress.length / 2:
            rest = frozenset({fetched.venue})
            try:
                await self._load(progress, skip=rest)
            except SourceError:
                # the first venue did answer; others are a bonus
                return fetched
        return fetched

    async def _load(self, progress: Progress, *, skip: frozenset[str]) -> Fetched:
        services, asked_at = self.services, self.services.clock.now()
        start = progress.open_of_newest or services.first_open(asked_at)
        fetched = await services.chain.fetch_candles(
            progress.symbol, services.timeframe, start=start, end=asked_at, skip=skip
        )
        received_at = services.clock.now()
        origin = Origin(
            progress.symbol_id,
            source=fetched.source,
            quality=self._quality(progress, fetched, received_at),
            asked_at=asked_at,
            received_at=received_at,
            live_since=self.live_since,
        )
        accepted = await self.writer.write(deliver(fetched.candles, origin, only_missing=fetched.failover))
        if len(accepted):
            newest = accepted.iloc[-1]
            progress.asked(
                opened=newest["open_time"].to_pydatetime(),
                closed=newest["close_time"].to_pydatetime(),
                source=newest["source"],
                quality=newest["quality"],
            )
        return fetched

    def _quality(self, progress: Progress, fetched: Fetched, now: datetime) -> Quality:
        if fetched.failover:
            return "failover"
        is_live = progress.whole_until is not None and progress.whole_until >= self.live_since
        return "late" if is_live and progress.overdue(now) > progress.length / 2 else "rest"
