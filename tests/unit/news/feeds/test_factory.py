import asyncio
import logging

import pytest

from candlecast.default_feeds import RSS_FEEDS
from candlecast.errors import InvalidRequestError
from candlecast.news.feeds.factory import open_feeds, parse_outlets
from candlecast.settings import NewsSettings


def opened(**fields):
    feeds = open_feeds(NewsSettings(feed_url="http://127.0.0.1:1", **fields))
    asyncio.run(feeds.client.close())
    return feeds


def test_feeds_without_their_keys_are_skipped_in_one_line(caplog):
    caplog.set_level(logging.INFO)

    feeds = opened()

    assert [feed.name for feed in feeds.feeds] == [f"rss:{name}" for name in parse_outlets(RSS_FEEDS)]
    assert feeds.skipped == {
        "newsapi": "set CANDLECAST_NEWS__NEWSAPI_KEY to use it",
        "cryptopanic": "set CANDLECAST_NEWS__CRYPTOPANIC_TOKEN to use it",
    }
    [record] = caplog.records
    assert record.message.startswith("feeds are skipped: newsapi: set ")


def test_feeds_with_keys_are_asked_in_the_order_of_the_settings(caplog):
    caplog.set_level(logging.INFO)

    feeds = opened(feeds="cryptopanic, newsapi", newsapi_key="k", cryptopanic_token="t", rss="")

    assert [feed.name for feed in feeds.feeds] == ["cryptopanic", "newsapi"]
    assert feeds.skipped == {}
    assert not caplog.records


def test_feeds_of_a_server_that_stands_in_have_no_vendor_budget():
    feeds = opened(feeds="rss,newsapi", newsapi_key="k", rss="a=https://a.example/rss")

    assert [feed.quota for feed in feeds.feeds] == ["news:stand-in:rss:a", "news:stand-in:newsapi"]


def test_outlets_are_read_with_commas_in_their_addresses():
    outlets = parse_outlets(" a=https://a.example/rss?x=1,2 , b-2=http://b.example/feed,, ")

    assert outlets == {"a": "https://a.example/rss?x=1,2", "b-2": "http://b.example/feed"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"feeds": "rss,newsapy"},
            "must be of rss, newsapi, cryptopanic, was 'newsapy'; did you mean newsapi?",
        ),
        ({"rss": "coindesk"}, "news.rss must hold NAME=ADDRESS"),
        ({"rss": "https://a.example/rss"}, "was 'https://a.example/rss'"),
        ({"rss": "A B=https://a.example/rss"}, "was 'A B=https://a.example/rss'"),
        ({"rss": "a=ftp://a.example/rss"}, "was 'a=ftp://a.example/rss'"),
        ({"rss": "a=https://a.example,b=ftp://b.example"}, "was 'b=ftp://b.example'"),
        ({"rss": "a=https:///rss"}, "was 'a=https:///rss'"),
        ({"rss": "a=https://x.example,a=https://y.example"}, "names 'a' twice"),
        ({"feed_url": "127.0.0.1:8100"}, "news.feed_url must be an address as http://host:port"),
    ],
)
def test_malformed_setting_is_one_clear_line(fields, message):
    with pytest.raises(InvalidRequestError) as raised:
        open_feeds(NewsSettings(**fields))

    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
