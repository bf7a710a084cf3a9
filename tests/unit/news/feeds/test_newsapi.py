from datetime import UTC, datetime

import orjson
import pytest

from candlecast.errors import SourceNotConfiguredError, SourceRateLimitedError, SourceUnavailableError
from candlecast.news.articles import FedItem
from candlecast.news.feeds.newsapi import parse_newsapi

ARTICLE = {
    "source": {"id": None, "name": "Example Times"},
    "author": None,
    "title": "Coin rises",
    "description": "It rose.",
    "url": "https://times.example/coin",
    "urlToImage": None,
    "publishedAt": "2021-01-04T10:00:00Z",
    "content": None,
}


def answer(*articles):
    return orjson.dumps({"status": "ok", "totalResults": len(articles), "articles": articles})


def test_article_is_read_as_given():
    [item] = parse_newsapi(answer(ARTICLE))

    assert item == FedItem(
        feed="newsapi",
        source="Example Times",
        url="https://times.example/coin",
        title="Coin rises",
        summary="It rose.",
        published_at=datetime(2021, 1, 4, 10, tzinfo=UTC),
    )


def test_removed_article_is_left_out():
    items = parse_newsapi(answer(ARTICLE | {"title": "[Removed]", "url": "https://removed.com"}, ARTICLE))

    assert [item.title for item in items] == ["Coin rises"]


def test_article_with_odd_fields_is_read_as_far_as_it_goes():
    [bare, odd] = parse_newsapi(answer({}, dict.fromkeys(ARTICLE, 7), "text"))

    assert bare == odd == FedItem(feed="newsapi", source="", url="", title="")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("apiKeyInvalid", SourceNotConfiguredError),
        ("rateLimited", SourceRateLimitedError),
        ("unexpectedError", SourceUnavailableError),
    ],
)
def test_error_in_an_answer_that_is_otherwise_well_is_one(code, kind):
    with pytest.raises(kind, match=f"{code}: why"):
        parse_newsapi(orjson.dumps({"status": "error", "code": code, "message": "why"}))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"articles": {}}', b'{"articles": [', b"7"])
def test_answer_without_articles_is_none(body):
    with pytest.raises(SourceUnavailableError, match="newsapi answered"):
        parse_newsapi(body)
