"""Whatever a feed answers: is it items, or our error; whatever an item says: is it an article, or why is it none?"""

from datetime import UTC, datetime

import hypothesis
import pytest
from hypothesis import strategies as st

from candlecast.errors import SourceError
from candlecast.news.articles import Article, FedItem
from candlecast.news.cleaning import clean_item
from candlecast.news.feeds.cryptopanic import parse_cryptopanic
from candlecast.news.feeds.newsapi import parse_newsapi
from candlecast.news.feeds.rss import parse_rss
from tests.fuzz.budget import searched
from tests.fuzz.outcome import result_of
from tests.fuzz.spoiling import Long, bodies_like, cut_or_recoded, odd_texts, odd_times

NOW = datetime(2021, 1, 4, tzinfo=UTC)
RSS = b"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Wire</title><item>
<title>Bitcoin gains</title><link>https://a.example/1</link><description>It did.</description>
<pubDate>Mon, 04 Jan 2021 00:00:00 GMT</pubDate></item></channel></rss>"""
NEWSAPI = {
    "status": "ok", "totalResults": 1, "articles": [{
        "source": {"id": None, "name": "Wire"}, "title": "Bitcoin gains", "description": "It did.",
        "url": "https://a.example/1", "publishedAt": "2021-01-04T00:00:00Z",
    }],
}  # fmt: skip
CRYPTOPANIC = {
    "results": [{
        "title": "Bitcoin gains", "url": "https://a.example/1", "published_at": "2021-01-04T00:00:00Z",
        "source": {"title": "Wire"}, "domain": "a.example", "currencies": [{"code": "BTC"}],
    }],
}  # fmt: skip


@st.composite
def xml_like(draw):
    """Draw a feed whose texts, tags or bytes are others, entities within entities among them."""
    old = draw(st.sampled_from([b"Bitcoin gains", b"https://a.example/1", b"Mon, 04 Jan 2021 00:00:00 GMT", b"UTF-8",
                                b"<item>", b"</item>", b"<title>", b"2.0", b"<channel>"]))  # fmt: skip
    text = draw(
        st.one_of(odd_texts, odd_times, st.text(max_size=20), st.just("<item>" * 40), st.just("&a;&#0;&#xD800;"))
    )
    return RSS.replace(old, text.encode("utf-8", "surrogatepass"))


ENTITIES = b'<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">%s]>' % b"".join(
    b'<!ENTITY %c "%s">' % (letter + 1, b"&%c;" % letter * 10) for letter in b"abcdefgh"
)
FEEDS = {
    "rss": (
        lambda body: parse_rss(body, name="rss:wire"),
        st.one_of(
            xml_like(), cut_or_recoded(RSS), st.binary(max_size=60).map(lambda body: body + b"</rss>"),
            st.sampled_from([
                Long(b"<a>" * 50_000 + b"</rss>"), RSS.replace(b"?>", b"?>" + ENTITIES).replace(b"It did.", b"&i;"),
                RSS.replace(b"It did.", b"<b>" * 9_000),
            ]),
        ),
    ),
    "newsapi": (parse_newsapi, bodies_like(NEWSAPI)),
    "cryptopanic": (parse_cryptopanic, bodies_like(CRYPTOPANIC)),
}  # fmt: skip


@pytest.mark.parametrize("name", FEEDS)
def test_answer_of_a_feed_is_items_that_can_be_judged_or_an_error_of_ours(name):
    parse, bodies = FEEDS[name]

    @searched(120)
    @hypothesis.given(body=bodies)
    def read(body):
        for item in result_of(lambda: parse(body), errors=SourceError) or []:
            assert_judged(item)

    read()


@searched(150)
@hypothesis.given(
    item=st.builds(
        FedItem,
        feed=st.text(max_size=20),
        source=st.text(max_size=20) | odd_texts,
        url=st.text(max_size=40) | odd_texts | st.just("https://a.example/1") | st.from_regex(r"https?://[^ ]{1,30}"),
        title=st.text(max_size=60) | odd_texts | st.just("Bitcoin gains"),
        summary=st.text(max_size=60) | odd_texts,
        published_at=st.none() | st.datetimes() | st.datetimes(timezones=st.just(UTC)),
        codes=st.lists(st.text(max_size=12), max_size=4).map(tuple),
    )
)
def test_item_of_a_feed_is_an_article_that_can_be_stored_or_refused(item):
    assert_judged(item)


def assert_judged(item: FedItem) -> None:
    """Hold what became of an item to what storage takes."""
    found = clean_item(item, known_at=NOW)
    if not isinstance(found, Article):
        return
    for text in (found.feed, found.source, found.url, found.title, found.summary, *found.codes):
        assert "\x00" not in text
        text.encode()
    assert found.published_at is None or found.published_at <= NOW
