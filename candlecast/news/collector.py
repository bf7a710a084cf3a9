"""How does news get in? Round after round: every feed is asked, each alone in its failure, and its items taken."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from candlecast.breaker import SourceBreaker
from candlecast.clock import Clock
from candlecast.errors import SourceError, SourceRateLimitedError
from candlecast.news.articles import FedItem
from candlecast.news.feed_log import FeedLog
from candlecast.news.feeds.factory import OpenFeeds
from candlecast.news.feeds.protocol import Feed
from candlecast.news.intake import NewsIntake, Taken
from candlecast.news.rounds import NOBODY, Budgets, Listeners, RoundReport
from candlecast.news.stories import NewStory

CHANNEL = "news"
# how many intervals the states are worth reading
WORTH_INTERVALS = 3.0


class NewsCollector:
    """Asks all feeds and takes what they give; belongs to one event loop.

    Parameters
    ----------
    opened : OpenFeeds
        Feeds that are asked, and why others are not.
    intake : NewsIntake
        Takes the items, in a thread.
    budgets : Budgets
        What each feed grants.
    clock : Clock
        Market time, since which articles are known.
    interval_s : float
        Wall seconds between two rounds.
    listeners : Listeners
        Who hears what a round brought.
    """

    def __init__(
        self,
        opened: OpenFeeds,
        intake: NewsIntake,
        *,
        budgets: Budgets,
        clock: Clock,
        interval_s: float,
        listeners: Listeners = NOBODY,
    ) -> None:
        self._feeds = opened.feeds
        self._intake, self._budgets, self._clock = intake, budgets, clock
        self._interval_s, self._listeners = interval_s, listeners
        self._log = FeedLog([feed.name for feed in opened.feeds], opened.skipped)
        self._breakers = {feed.name: SourceBreaker(feed.name) for feed in opened.feeds}
        self._settled: dict[str, Sequence[FedItem]] = {}
        self._taking = asyncio.Lock()

    async def round(self) -> RoundReport:
        """Ask every feed once, as far as its budget and its breaker allow.

        Raises
        ------
        StorageError
            When the database does not answer; what the feeds gave is taken in a later round.
        """
        outcomes = await asyncio.gather(*map(self._follow, self._feeds), return_exceptions=True)
        states = self._log.states()
        if self._listeners.states is not None:
            await self._listeners.states.put(states, ttl_s=WORTH_INTERVALS * self._interval_s)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        taken = [outcome for outcome in outcomes if isinstance(outcome, Taken)]
        refusals: Counter[str] = Counter()
        for one in taken:
            refusals.update(one.refusals)
        return RoundReport(
            n_new=sum(one.n_new for one in taken),
            n_merged=sum(one.n_merged for one in taken),
            n_known=sum(one.n_known for one in taken),
            refusals=refusals,
            states=states,
        )

    async def _follow(self, feed: Feed) -> Taken | None:
        try:
            items = await self._ask(feed)
        except SourceError as error:
            self._log.failed(feed.name, error)
            return None
        if items is None:
            return None
        taken = await self._take(feed.name, items)
        self._log.answered(feed.name, taken, empty=not items)
        await self._tell(taken.stories)
        return taken

    async def _ask(self, feed: Feed) -> list[FedItem] | None:
        # None while the feed is left alone or over its budget.
        breaker = self._breakers[feed.name]
        if breaker.state().opens_again_in_s > 0:
            return None
        wait_s = await self._budgets.try_take(feed.quota, feed.cost)
        if wait_s > 0:
            self._log.over_budget(feed.name, wait_s)
            return None
        try:
            with breaker.asking():
                return await feed.fetch()
        except SourceRateLimitedError as error:
            await self._budgets.observe(feed.quota, used_share=None, retry_after_s=error.retry_after_s)
            raise

    async def _take(self, name: str, items: list[FedItem]) -> Taken:
        if items == self._settled.get(name):
            return Taken((), 0, len(items), {})
        async with self._taking:
            taken = await asyncio.to_thread(self._intake.take, items, self._clock.now())
        # An item of the future is one for a later round, though the page may be the same then.
        if "future" not in taken.refusals:
            self._settled[name] = items
        return taken

    async def _tell(self, stories: Sequence[NewStory]) -> None:
        if self._listeners.publish is not None and stories:
            await self._listeners.publish(CHANNEL, [story_event(story) for story in stories])


def story_event(story: NewStory) -> dict[str, Any]:
    """Return what listeners hear of a new story: plain text, its link and its symbols."""
    article = story.article
    return {
        "id": story.id,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "published_at": None if article.published_at is None else article.published_at.isoformat(),
        "known_at": article.known_at.isoformat(),
        "symbols": list(story.symbols),
    }
