import asyncio
from datetime import timedelta
from xml.etree import ElementTree as Xml

import httpx2
import pytest

from candlecast.errors import SourceNotConfiguredError
from candlecast.news.feeds.factory import open_feeds
from candlecast.news.feeds.http import FeedClient
from candlecast.news.feeds.newsapi import ask_newsapi
from candlecast.replay.headlines import make_headlines
from candlecast.replay.remote import fetch_recording
from candlecast.replay.server import build_replay
from candlecast.settings import NewsSettings
from tests.builders import make_frozen_clock, make_small_recording
from tests.loopback import serve_app

KEYS = {"newsapi_key": "k", "cryptopanic_token": "t"}
SIZES = {"newsapi": 100, "cryptopanic": 20, "rss:coindesk": 30, "rss:reddit-cryptocurrency": 25}


@pytest.fixture(scope="module")
def recording():
    return make_small_recording(["BTC/USDT", "ETH/USDT"], 400)


@pytest.fixture(scope="module")
def headlines(recording):
    return make_headlines(list(recording.series), recording.start, recording.end, seed=3, story_every_s=3_600)


@pytest.fixture(scope="module")
def now(recording):
    return recording.start + timedelta(hours=300)


@pytest.fixture(scope="module")
def replay(recording, headlines, now):
    app = build_replay(recording, make_frozen_clock(now, recording.end), headlines=headlines)
    with serve_app(app) as url, httpx2.Client(base_url=url, trust_env=False) as client:
        yield client


def fetch_all(url):
    async def run():
        opened = open_feeds(NewsSettings(feed_url=url, **KEYS))
        async with opened.client:
            return {feed.name: await feed.fetch() for feed in opened.feeds}

    return asyncio.run(run())


def test_feeds_read_back_what_was_published_and_nothing_later(replay, headlines, now):
    recorded = {(item.title, item.source): item.published_at for item in headlines.items}

    pages = fetch_all(str(replay.base_url))

    assert {name: len(pages[name]) for name in SIZES} == SIZES
    assert pages["newsapi"][0].published_at == max(time for time in recorded.values() if time <= now)
    for items in pages.values():
        for item in items:
            assert item.published_at <= now
            assert (item.title, item.source) in recorded
        assert [item.published_at for item in items] == sorted((item.published_at for item in items), reverse=True)


def test_cryptopanic_names_coins_and_its_own_addresses(replay):
    posts = fetch_all(str(replay.base_url))["cryptopanic"]

    assert {code for post in posts for code in post.codes} <= {"BTC", "ETH"}
    assert all(post.codes and post.url.startswith("https://cryptopanic.com/news/") for post in posts)


def test_vendors_without_a_key_are_refused_in_their_words(replay):
    newsapi, panic = replay.get("/v2/everything", params={"q": "x"}), replay.get("/api/v1/posts/")
    unasked = replay.get("/v2/everything", headers={"X-Api-Key": "k"})

    assert (newsapi.status_code, newsapi.json()["code"]) == (401, "apiKeyMissing")
    assert (panic.status_code, panic.json()["info"]) == (401, "Token not found")
    assert (unasked.status_code, unasked.json()["code"]) == (400, "parametersMissing")


def test_refused_key_is_told_as_such(replay):
    async def run():
        async with FeedClient(str(replay.base_url)) as client:
            await client.get(ask_newsapi("", server=str(replay.base_url).rstrip("/")))

    with pytest.raises(SourceNotConfiguredError, match="check CANDLECAST_NEWS__NEWSAPI_KEY"):
        asyncio.run(run())


def test_pages_of_cryptopanic_follow_each_other(replay):
    first = replay.get("/api/v1/posts/", params={"auth_token": "t"}).json()
    second = replay.get(first["next"].replace("REDACTED", "t")).json()
    last = replay.get("/api/v1/posts/", params={"auth_token": "t", "page": 10}).json()

    ids = [post["id"] for page in (first, second) for post in page["results"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(set(ids)), first["count"], last["next"]) == (40, 200, None)


def test_pages_of_newsapi_have_the_size_that_was_asked_for(replay):
    def page(**query):
        answer = replay.get("/v2/everything", params={"q": "x", **query}, headers={"X-Api-Key": "k"})
        return answer.status_code, len(answer.json().get("articles", []))

    assert (page(), page(pageSize=7), page(pageSize=101)) == ((200, 100), (200, 7), (400, 0))


def test_feeds_are_well_formed(replay):
    rss, atom = (replay.get(f"/rss/{name}") for name in ("decrypt", "reddit-x"))

    assert (Xml.fromstring(rss.content).tag, Xml.fromstring(atom.content).tag) == (
        "rss",
        "{http://www.w3.org/2005/Atom}feed",
    )
    assert "rss+xml" in rss.headers["content-type"]


def test_recording_says_whether_there_is_news(replay, recording, now):
    with serve_app(build_replay(recording, make_frozen_clock(now, recording.end))) as url:
        without = fetch_recording(url)
        pages = fetch_all(url)

    assert (fetch_recording(str(replay.base_url)).news, without.news) == (True, False)
    assert set(map(len, pages.values())) == {0}


def test_coinbase_keeps_its_addresses_beside_newsapi(replay):
    assert replay.get("/v2/time").json()["data"]["iso"]
