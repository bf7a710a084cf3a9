import asyncio
import logging
from datetime import UTC, datetime

import pytest

from candlecast.errors import SourceRateLimitedError, SourceUnavailableError, StorageError
from candlecast.news.articles import FedItem
from candlecast.news.cleaning import Refusal, clean_item
from candlecast.news.collector import NewsCollector
from candlecast.news.feeds.factory import OpenFeeds
from candlecast.news.intake import Taken
from candlecast.news.rounds import Listeners
from candlecast.news.stories import NewStory

NOW = datetime(2021, 1, 4, 10, tzinfo=UTC)
DOWN = SourceUnavailableError("feed is down")


class Feed:
    """Gives one of its answers after another, the last one for ever."""

    cost = 1.0

    def __init__(self, name, *answers):
        self.name = self.quota = name
        self.answers = list(answers)
        self.n_asked = 0

    async def fetch(self):
        answer = self.answers[min(self.n_asked, len(self.answers) - 1)]
        self.n_asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


class Intake:
    """Takes every item as a new story, but those of the future."""

    def __init__(self):
        self.batches, self.error = [], None

    def take(self, items, now):
        if self.error is not None:
            raise self.error
        self.batches.append(items)
        cleaned = [clean_item(item, known_at=now) for item in items]
        stories = [NewStory(n, one, ()) for n, one in enumerate(cleaned, 1) if not isinstance(one, Refusal)]
        n_future = len(items) - len(stories)
        return Taken(stories, 0, 0, {"future": n_future} if n_future else {})


class Budgets:
    """Grants everything but what it is told to refuse."""

    def __init__(self):
        self.waits_s, self.observed = {}, []

    async def try_take(self, source, cost):
        return self.waits_s.get(source, 0.0)

    async def observe(self, venue, *, used_share, retry_after_s):
        self.observed.append((venue, retry_after_s))


class Clock:
    def now(self):
        return NOW


def item(number=1, published_at=NOW):
    return FedItem("a", "Times", f"https://a.example/{number}", f"Coin {number} rises", published_at=published_at)


class World:
    def __init__(self, *feeds, skipped=None):
        self.intake, self.budgets, self.told, self.events = Intake(), Budgets(), [], []
        self.collector = NewsCollector(
            OpenFeeds(feeds, skipped or {}, client=None),
            self.intake,
            budgets=self.budgets,
            clock=Clock(),
            interval_s=10.0,
            listeners=Listeners(states=self, publish=self.publish),
        )

    async def put(self, states, *, ttl_s):
        self.told.append((states, ttl_s))

    async def publish(self, channel, events):
        self.events += [(channel, event) for event in events]

    def rounds(self, n=1):
        async def run():
            return [await self.collector.round() for _ in range(n)][-1]

        return asyncio.run(run())


def test_round_takes_what_feeds_give_and_tells_of_it():
    world = World(Feed("a", [item(1), item(2)]), Feed("b", [item(3)]), skipped={"c": "set KEY to use it"})

    report = world.rounds()

    assert (report.n_new, report.n_merged, report.n_known, report.refusals) == (3, 0, 0, {})
    assert [(name, state.state, state.n_accepted) for name, state in report.states.items()] == [
        ("a", "ok", 2),
        ("b", "ok", 1),
        ("c", "skipped", 0),
    ]
    assert world.told == [(report.states, 30.0)]
    assert [event["title"] for _, event in world.events] == ["Coin 1 rises", "Coin 2 rises", "Coin 3 rises"]
    assert world.events[0] == (
        "news",
        {
            "id": 1,
            "title": "Coin 1 rises",
            "url": "https://a.example/1",
            "source": "Times",
            "published_at": NOW.isoformat(),
            "known_at": NOW.isoformat(),
            "symbols": [],
        },
    )


def test_feed_that_fails_leaves_the_others_alone(caplog):
    caplog.set_level(logging.INFO, logger="candlecast.news")
    world = World(Feed("a", DOWN, DOWN, [item(1)]), Feed("b", [item(2)]))

    failed = world.rounds()
    world.rounds()
    report = world.rounds()

    assert (failed.n_new, failed.states["a"].state, failed.states["a"].reason) == (1, "failing", "feed is down")
    assert failed.states["b"].state == report.states["a"].state == "ok"
    assert report.states["a"].reason == ""
    assert [record.message for record in caplog.records if record.name == "candlecast.news.feed_log"] == [
        "feed a fails: feed is down",
        "feed a answers again",
    ]


def test_feed_that_goes_on_failing_is_left_alone_for_a_while(monkeypatch):
    monkeypatch.setattr("candlecast.breaker.monotonic", lambda: 1_000.0)
    feed = Feed("a", DOWN)

    report = World(feed).rounds(5)

    assert feed.n_asked == 3
    assert (report.states["a"].state, report.states["a"].reason) == ("failing", "feed is down")


def test_feed_that_asks_to_wait_rests_and_all_processes_learn_it():
    feed = Feed("a", [item()], SourceRateLimitedError("too many", 60.0))
    world = World(feed)

    report = world.rounds(4)

    assert feed.n_asked == 2
    assert (report.states["a"].state, report.states["a"].reason) == ("resting", "too many")
    assert report.states["a"].last_ok_at is not None
    assert world.budgets.observed == [("a", 60.0)]


def test_feed_over_its_budget_is_not_asked():
    feed, other = Feed("a", [item(1)]), Feed("b", [item(2)])
    world = World(feed, other)
    world.budgets.waits_s["a"] = 600.0

    report = world.rounds()

    assert (feed.n_asked, other.n_asked) == (0, 1)
    assert report.states["a"].state == "resting"
    assert report.states["a"].reason == "a is over its budget; it is asked again in 600 s"


def test_feed_that_fails_goes_on_failing_while_over_its_budget():
    world = World(Feed("a", DOWN))
    world.rounds()
    world.budgets.waits_s["a"] = 600.0

    assert world.rounds().states["a"].reason == "feed is down"


def test_same_page_twice_is_taken_once():
    world = World(Feed("a", [item(1)]))

    report = world.rounds(3)

    assert len(world.intake.batches) == 1
    assert (report.n_new, report.n_known, report.states["a"].n_accepted) == (0, 1, 1)


def test_page_with_an_item_of_the_future_is_taken_again():
    world = World(Feed("a", [item(1, datetime(2022, 1, 1, tzinfo=UTC))]))

    report = world.rounds(2)

    assert len(world.intake.batches) == 2
    assert report.refusals == {"future": 1}
    assert report.states["a"].n_rejected == 2


def test_empty_page_is_well_but_said():
    report = World(Feed("a", [])).rounds()

    assert (report.states["a"].state, report.states["a"].reason) == ("ok", "answered an empty page")


def test_round_without_a_database_raises_and_takes_the_page_later():
    world = World(Feed("a", [item(1)]), Feed("b", DOWN))
    world.intake.error = StorageError("down")

    with pytest.raises(StorageError):
        world.rounds()
    world.intake.error = None
    report = world.rounds()

    assert report.n_new == 1
    assert "b" in world.told[0][0]
