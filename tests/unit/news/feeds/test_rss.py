import asyncio
from datetime import UTC, datetime

import pytest

from candlecast.errors import SourceUnavailableError
from candlecast.news.articles import FedItem
from candlecast.news.feeds import rss as module
from candlecast.news.feeds.rss import MOST_BROKEN_BYTES, MOST_ITEMS, RssFeed, parse_rss

ITEM = "<item><title>A &amp; B &lt;b&gt;rise&lt;/b&gt;</title><link>https://a.example/1</link>{}</item>"
TEN = "<pubDate>Mon, 04 Jan 2021 10:00:00 {}</pubDate>"


def rss(*items, title="Example Times"):
    head = f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{title}</title>'
    return f"{head}{''.join(items)}</channel></rss>\n".encode()


def atom(*entries):
    head = '<feed xmlns="http://www.w3.org/2005/Atom"><id>/r</id><title>newest : Coins</title>'
    return f"{head}{''.join(entries)}</feed>".encode()


def read(body):
    return parse_rss(body, name="rss:times")


def test_item_is_read_as_its_outlet_wrote_it():
    [item] = read(rss(ITEM.format(TEN.format("GMT") + "<description>More.</description>")))

    assert item == FedItem(
        feed="rss:times",
        source="Example Times",
        url="https://a.example/1",
        title="A & B <b>rise</b>",
        summary="More.",
        published_at=datetime(2021, 1, 4, 10, tzinfo=UTC),
    )


@pytest.mark.parametrize(("zone", "hour"), [("GMT", 10), ("EST", 15), ("+0200", 8)])
def test_time_of_any_zone_is_in_utc(zone, hour):
    [item] = read(rss(ITEM.format(TEN.format(zone))))

    assert item.published_at == datetime(2021, 1, 4, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "date", ["", "<pubDate></pubDate>", "<pubDate>soon</pubDate>", "<pubDate>99 Foo 99</pubDate>", TEN.format("")]
)
def test_item_without_a_time_is_undated(date):
    [item] = read(rss(ITEM.format(date)))

    assert item.published_at is None


def test_atom_entries_are_read():
    body = atom(
        '<entry><id>t3_1</id><title>Up?</title><link href="https://r.example/1"/>'
        '<content type="html">&lt;p&gt;text&lt;/p&gt;</content>'
        "<published>2021-01-04T10:00:00+00:00</published></entry>",
        "<entry><title>Down?</title><updated>2021-01-04T11:00:00+01:00</updated></entry>",
    )

    first, second = read(body)

    assert (first.title, first.url, first.summary) == ("Up?", "https://r.example/1", "<p>text</p>")
    assert (first.source, second.url) == ("newest : Coins", "")
    assert first.published_at == second.published_at == datetime(2021, 1, 4, 10, tzinfo=UTC)


def test_item_that_names_its_own_source_has_that_one():
    [item] = read(rss(ITEM.format('<source url="https://b.example">Other Post</source>')))

    assert item.source == "Other Post"


def test_feed_without_items_is_an_empty_page():
    assert read(rss()) == []


def test_longest_page_is_cut():
    assert len(read(rss(*[ITEM.format("")] * (MOST_ITEMS + 1)))) == MOST_ITEMS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"https://a.example/</rss>",
        b"<opml><body/></opml>",
        rss(ITEM.format(TEN.format("GMT")))[:-30],
        rss(ITEM.format("")).replace(b"A &amp; B", b"&#1114112;").replace(b"<rss", b"<rss & "),
    ],
)
def test_what_is_no_whole_feed_is_refused(body):
    with pytest.raises(SourceUnavailableError, match=r"^rss:times answered"):
        read(body)


def test_entities_are_not_blown_up():
    body = b'<!DOCTYPE x [<!ENTITY a "boo"><!ENTITY b "&a;&a;&a;">]>' + rss("<item><title>&b;</title></item>")

    assert "boo" not in read(body.replace(b'<?xml version="1.0" encoding="UTF-8"?>', b""))[0].title


def test_long_page_that_is_broken_is_refused_unread(monkeypatch):
    monkeypatch.setattr(module.feedparser, "parse", lambda *_, **__: pytest.fail("it is read"))

    with pytest.raises(SourceUnavailableError, match="broken XML of more than 300 kB"):
        read(rss("<item><title>" + "<b>" * (MOST_BROKEN_BYTES // 3) + "</title></item>"))


def test_page_that_is_the_last_one_again_is_not_read_again(monkeypatch):
    class Client:
        async def get(self, _):
            return rss(ITEM.format(""))

    async def fetch_twice():
        feed = RssFeed(Client(), outlet="times", url="https://times.example/rss")
        first = await feed.fetch()
        monkeypatch.setattr(module, "parse_rss", lambda *_, **__: pytest.fail("it is read again"))
        return first, await feed.fetch(), feed

    first, second, feed = asyncio.run(fetch_twice())

    assert first == second
    assert len(first) == 1
    assert (feed.name, feed.quota) == ("rss:times", "news:rss:times")
