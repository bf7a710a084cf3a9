"""The news desk: loads an archive once, then asks the feeds round after round and has every new story judged."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from candlecast.clock import Clock
from candlecast.errors import CandlecastError
from candlecast.news.articles import FedItem
from candlecast.news.collector import NewsCollector
from candlecast.news.history import read_history
from candlecast.news.intake import READ_AFTER, NewsIntake, Taken

logger = logging.getLogger(__name__)

# a fast replay shall not ask without a pause
_SHORTEST_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class NewsDesk:
    """Collects and judges news; belongs to one event loop.

    Parameters
    ----------
    collector : NewsCollector
        Asks the feeds.
    intake : NewsIntake
        Takes archives.
    judge_new : callable
        Judges what is not judged yet and returns how many stories that were; called in a thread.
    clock : Clock
        Market time.
    interval_s : float
        Market seconds between two rounds; never more wall seconds than that.
    archive : Path or None
        Of a recording that is played: what was published before the market time is history.
    closers : sequence of callable
        Close the connections behind it.
    """

    collector: NewsCollector
    intake: NewsIntake
    judge_new: Callable[[], int]
    clock: Clock
    interval_s: float
    archive: Path | None = None
    closers: Sequence[Callable[[], Awaitable[None]]] = ()

    async def run(self) -> None:
        """Work until cancelled; what fails is told and tried again in the next round."""
        archive = self.archive
        while True:
            try:
                if archive is not None:
                    await asyncio.to_thread(self.take_archive, archive, until=self.clock.now())
                    archive = None
                await self.round()
            except CandlecastError as error:
                logger.warning("a round of news failed, the next one is tried: %s", error)
            await asyncio.sleep(self.pause_s())

    async def round(self) -> str:
        """Ask all feeds once, judge what is new, and return one line on it.

        Raises
        ------
        StorageError
            When the database does not answer.
        CandlecastError
            When the engine cannot be opened.
        """
        report = await self.collector.round()
        n_judged = await asyncio.to_thread(self.judge_new)
        states = ", ".join(f"{name} {state.state}" for name, state in sorted(report.states.items()))
        line = f"{report.n_new} new stories, {report.n_merged} told again, {n_judged} judged; {states or 'no feeds'}"
        if report.n_new or n_judged:
            logger.info("news: %s", line)
        return line

    async def close(self) -> None:
        """Close all connections; on the loop that used them."""
        for closer in self.closers:
            await closer()

    def take_archive(self, path: Path, *, until: datetime) -> list[Taken]:
        """Store the articles of an archive that could be read at `until`, and return what became of each chunk.

        Raises
        ------
        InvalidRequestError
            When the archive cannot be read; names what is wrong with it.
        StorageError
            When the database does not answer.
        """
        taken = [self.intake.take_history(chunk) for chunk in _published(path, before=until - READ_AFTER)]
        logger.info("archive %s: %d new stories", path.name, sum(one.n_new for one in taken))
        return taken

    def pause_s(self) -> float:
        """Return wall seconds until the next round."""
        due_s = self.clock.wall_s_until(self.clock.now() + timedelta(seconds=self.interval_s))
        return max(_SHORTEST_PAUSE_S, min(due_s, self.interval_s))


def _published(path: Path, *, before: datetime) -> Iterator[list[FedItem]]:
    for chunk in read_history(path):
        kept = [item for item in chunk if item.published_at is None or item.published_at <= before]
        if kept:
            yield kept
