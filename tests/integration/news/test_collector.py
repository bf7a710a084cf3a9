"""All feeds against the replay, each fault in turn: the others go on, states are told, nothing wrong is stored."""

import asyncio
from datetime import timedelta
from functools import partial

import httpx2
import pytest

from candlecast.market.symbols import Symbol
from candlecast.news.collector import NewsCollector
from candlecast.news.feeds.factory import open_feeds
from candlecast.news.feeds.http import FeedClient
from candlecast.news.intake import NewsIntake
from candlecast.news.linking import SymbolLinker
from candlecast.replay.headlines import make_headlines
from candlecast.replay.server import build_replay
from candlecast.settings import NewsSettings
from candlecast.storage.postgres.news import NewsStore
from candlecast.storage.rate_limits import RateLimits
from candlecast.storage.redis_link import RedisLink
from candlecast.storage.token_bucket import Quota
from tests.builders import make_frozen_clock, make_small_recording
from tests.loopback import serve_app

SYMBOLS = ["BTC/USDT", "ETH/USDT"]
FEEDS = ("rss:coindesk", "rss:reddit-x", "newsapi", "cryptopanic")
KINDS = ("rss", "newsapi", "cryptopanic")
OUTLETS = "coindesk=https://a.example,reddit-x=https://b.example"
SETTINGS = {"rss": OUTLETS, "newsapi_key": "k", "cryptopanic_token": "t"}
WAITING = ("timeout", "slow")


@pytest.fixture(scope="module")
def recording():
    return make_small_recording(SYMBOLS, 200)


@pytest.fixture(scope="module")
def headlines(recording):
    return make_headlines(SYMBOLS, recording.start, recording.end, seed=5, story_every_s=7_200)


@pytest.fixture(scope="module")
def clock(recording):
    return make_frozen_clock(recording.start + timedelta(hours=150, minutes=30), recording.end)


@pytest.fixture(scope="module")
def replay(recording, headlines, clock):
    with (
        serve_app(build_replay(recording, clock, headlines=headlines)) as url,
        httpx2.Client(base_url=url, trust_env=False) as client,
    ):
        yield client


class World:
    """A collector over real feeds and a real database."""

    def __init__(self, replay, database, clock):
        self.replay, self.clock = replay, clock
        self.store = NewsStore(database)
        self.database = database

    def load(self, *faults):
        assert self.replay.post("/faults", json=list(faults)).status_code == 200

    def rounds(self, *steps, whole_s=10.0):
        """Return the report of a round after each step."""

        async def run():
            opened = open_feeds(NewsSettings(feed_url=str(self.replay.base_url), **SETTINGS))
            limits = RateLimits(RedisLink(""), quotas={feed.quota: Quota(100, 10) for feed in opened.feeds})
            for feed in opened.feeds:
                feed._client = FeedClient(str(self.replay.base_url), whole_s=whole_s)
            intake = NewsIntake(self.store, SymbolLinker(map(Symbol.parse, SYMBOLS)))
            collector = NewsCollector(opened, intake, budgets=limits, clock=self.clock, interval_s=1.0)
            reports = []
            for step in steps:
                step()
                reports.append(await collector.round())
            for feed in opened.feeds:
                await feed._client.close()
            await opened.client.close()
            return reports

        return asyncio.run(run())

    def stored(self):
        with self.database.transaction() as cursor:
            cursor.execute("SELECT title, published_at, known_at, length(summary) FROM news_table")
            return cursor.fetchall()

    def outlets(self):
        with self.database.transaction() as cursor:
            cursor.execute("SELECT count(*) FROM news_outlets")
            return cursor.fetchone()[0]


@pytest.fixture
def world(replay, database, clock):
    yield World(replay, database, clock)
    replay.delete("/faults")


def states_of(report):
    return {name: state.state for name, state in report.states.items()}


FAULTS = {
    "down by drop": ({"kind": "drop"}, "failing"),
    "down by error": ({"kind": "error", "status": 502}, "failing"),
    "down by timeout": ({"kind": "timeout", "length_s": 30}, "failing"),
    "slow": ({"kind": "slow", "delay_s": 20}, "failing"),
    "blocked": ({"kind": "blocked"}, "failing"),
    "over quota": ({"kind": "rate_limit", "retry_after_s": 60}, "resting"),
    "html": ({"kind": "html"}, "failing"),
    "malformed": ({"kind": "malformed"}, None),
    "truncated": ({"kind": "truncated"}, "failing"),
    "empty": ({"kind": "empty"}, "ok"),
    "huge title": ({"kind": "huge_title"}, "failing"),
    "long title": ({"kind": "huge_title", "size_mb": 0.3}, "ok"),
    "future": ({"kind": "future"}, "ok"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_of_one_feed_leaves_the_others_and_the_stories_right(world, headlines, name):
    fault, state = FAULTS[name]
    whole_s = 1.0 if fault["kind"] in WAITING else 10.0

    for venue in KINDS:
        [report] = world.rounds(partial(world.load, {"venue": venue, **fault}), whole_s=whole_s)

        states = states_of(report)
        hit = [feed for feed in FEEDS if feed.startswith(venue)]
        assert {states[feed] for feed in FEEDS if feed not in hit} == {"ok"}
        assert {states[feed] for feed in hit} <= ({state} if state else {"ok", "failing"})
        assert all(report.states[feed].reason for feed in hit if states[feed] != "ok")
    assert_only_what_was_told(world, headlines)


def assert_only_what_was_told(world, headlines):
    stories = world.stored()
    assert len(stories) > 20
    for title, published_at, known_at, summary_length in stories:
        assert known_at == world.clock.now()
        # A title that goes on for ever is cut.
        told_at = {item.published_at for item in headlines.items if title.startswith(item.title)}
        assert published_at in told_at
        assert published_at <= known_at
        assert len(title) <= 300
        assert summary_length <= 1_000


def test_round_merges_what_several_outlets_tell(world):
    [report] = world.rounds(lambda: None)

    assert set(states_of(report).values()) == {"ok"}
    assert report.n_merged > 10
    assert report.n_known > 0
    assert len(world.stored()) == report.n_new
    assert world.outlets() == report.n_new + report.n_merged


def test_same_page_twice_and_a_frozen_one_change_nothing(world):
    first, again, frozen = world.rounds(
        lambda: None, lambda: None, lambda: world.load({"kind": "freeze", "length_s": 60})
    )

    assert first.n_new > 5
    assert (again.n_new, again.n_merged, frozen.n_new, frozen.n_merged) == (0, 0, 0, 0)
    assert set(states_of(frozen).values()) == {"ok"}


def test_feed_that_comes_back_gives_what_it_had_kept_to_itself(world):
    down, back = world.rounds(lambda: world.load({"kind": "html"}), lambda: world.replay.delete("/faults"))

    assert set(states_of(down).values()) == {"failing"}
    assert down.n_new == 0
    assert set(states_of(back).values()) == {"ok"}
    assert back.n_new > 5


def test_item_of_the_future_is_stored_when_its_time_is_told_right(world):
    wrong, right = world.rounds(lambda: world.load({"kind": "future"}), lambda: world.replay.delete("/faults"))

    assert wrong.refusals["future"] > 0
    assert right.refusals.get("future", 0) == 0
    assert right.n_new + right.n_merged > 0


def test_empty_page_is_said(world):
    [report] = world.rounds(lambda: world.load({"kind": "empty", "venue": "newsapi"}))

    assert report.states["newsapi"].reason == "answered an empty page"
    assert report.states["cryptopanic"].reason == ""
