"""Are the news routes as documented? A fake reader behind them."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from candlecast.queries import NewsFilter
from candlecast.schemas import NewsPage, NewsSource, SentimentPoint, SentimentSummary
from serve.api import news
from serve.api.problems import install_problem_handlers
from serve.api.services import current

NOW = datetime(2022, 10, 11, 12, tzinfo=UTC)


class FakeNews:
    """Repeats what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[NewsFilter] = []

    async def summary(self, symbol: str, window: str, *, history: int) -> SentimentSummary:
        unknown = dict.fromkeys(("score", "dispersion", "negative_share", "surprise", "trend"))
        points = [SentimentPoint(at=NOW, score=None, n=0)] * history
        told = {"symbol": symbol, "window": window, "as_of": NOW, "engine": "vader", "version": "1", "n": 0}
        return SentimentSummary(**told, **unknown, history=points)

    async def sources(self) -> list[NewsSource]:
        return [NewsSource(source="Outlet", n=2, newest_at=NOW)]

    async def page(self, wanted: NewsFilter) -> NewsPage:
        self.asked.append(wanted)
        return NewsPage(items=[], next_cursor="1-2")


@pytest.fixture(scope="module")
def reader():
    return FakeNews()


@pytest.fixture(scope="module")
def client(reader):
    api = FastAPI()
    api.include_router(news.router)
    install_problem_handlers(api)
    api.dependency_overrides[current] = lambda: SimpleNamespace(reading=SimpleNamespace(news=reader))
    with TestClient(api) as client:
        yield client


def test_summary_without_a_window_is_of_a_day(client):
    answer = client.get("/v1/sentiment", params={"symbol": "BTC/USDT"}).json()

    assert (answer["symbol"], answer["window"]) == ("BTC/USDT", "24h")
    assert answer["score"] is None


def test_summary_tells_as_many_moments_before_as_it_is_asked_for(client):
    answer = client.get("/v1/sentiment", params={"symbol": "BTC/USDT", "history": 3}).json()

    assert len(answer["history"]) == 3


def test_news_pass_every_filter_on(client, reader):
    asked = {"symbol": "BTC/USDT", "source": "Outlet", "min_score": 0.2, "max_score": 0.9, "cursor": "9-9", "limit": 3}
    asked |= {"label": "positive", "text": "bitcoin etf"}

    assert client.get("/v1/news", params=asked).json() == {"items": [], "next_cursor": "1-2"}
    assert reader.asked[-1] == NewsFilter(**asked)


def test_news_sources_are_a_list(client):
    answer = client.get("/v1/news/sources")

    assert answer.json() == [{"source": "Outlet", "n": 2, "newest_at": "2022-10-11T12:00:00Z"}]


@pytest.mark.parametrize(
    ("path", "params", "names"),
    [
        ("/v1/sentiment", {}, "symbol"),
        ("/v1/news", {"min_score": "2"}, "min_score"),
        ("/v1/news", {"min_score": "nan"}, "min_score"),
        ("/v1/news", {"max_score": "-2"}, "max_score"),
        ("/v1/news", {"label": "bullish"}, "label"),
        ("/v1/news", {"text": "a\0b"}, "text"),
        ("/v1/news", {"text": "a" * 101}, "text"),
        ("/v1/news", {"limit": "0"}, "limit"),
        ("/v1/news", {"source": "a\0b"}, "source"),
        ("/v1/news", {"cursor": "9" * 65}, "cursor"),
    ],
)
def test_bad_parameter_is_a_problem_that_names_it(client, path, params, names):
    answer = client.get(path, params=params)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert names in answer.json()["detail"]
