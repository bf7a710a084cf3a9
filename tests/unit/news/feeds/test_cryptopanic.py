from datetime import UTC, datetime

import orjson
import pytest

from candlecast.errors import SourceUnavailableError
from candlecast.news.articles import FedItem
from candlecast.news.feeds.cryptopanic import parse_cryptopanic

POST = {
    "kind": "news",
    "domain": "times.example",
    "source": {"title": "Example Times", "region": "en", "domain": "times.example", "path": None, "type": "feed"},
    "title": "Coin rises",
    "published_at": "2021-01-04T10:00:00Z",
    "slug": "coin-rises",
    "currencies": [{"code": "BTC", "title": "Bitcoin"}, {"code": "ETH"}, {"title": "no code"}, 7],
    "id": 7,
    "url": "https://cryptopanic.com/news/7/coin-rises",
    "created_at": "2021-01-04T10:00:00Z",
    "votes": {"negative": 0},
}


def answer(*posts):
    return orjson.dumps({"count": len(posts), "next": None, "previous": None, "results": posts})


def test_post_is_read_with_the_coins_that_it_names():
    [item] = parse_cryptopanic(answer(POST))

    assert item == FedItem(
        feed="cryptopanic",
        source="Example Times",
        url="https://cryptopanic.com/news/7/coin-rises",
        title="Coin rises",
        published_at=datetime(2021, 1, 4, 10, tzinfo=UTC),
        codes=("BTC", "ETH"),
    )


def test_post_without_source_and_coins_is_read():
    [item] = parse_cryptopanic(answer({name: POST[name] for name in ("title", "domain")}))

    assert (item.source, item.codes, item.published_at, item.url) == ("times.example", (), None, "")


def test_answer_that_says_what_is_wrong_is_quoted():
    with pytest.raises(SourceUnavailableError, match="without posts: Token not found"):
        parse_cryptopanic(b'{"status": "api_error", "info": "Token not found"}')


@pytest.mark.parametrize("body", [b"", b"[]", b'{"results": null}', b'{"results": ['])
def test_answer_without_posts_is_none(body):
    with pytest.raises(SourceUnavailableError, match="cryptopanic answered"):
        parse_cryptopanic(body)
