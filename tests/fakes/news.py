"""Made-up stories and their sentiment, and the routes that answer them."""

import math
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request

from candlecast.schemas import NewsItem, NewsPage, NewsSource, SentimentPoint, SentimentScore, SentimentSummary
from tests.fakes.market import NOW

if TYPE_CHECKING:
    from tests.fakes.api import FakeApi

SOURCES = ("CoinDesk", "Decrypt", "Reuters")
SCORES = (0.62, -0.48, 0.04)
# what a feed may carry: none of it may run, load or reorder anything on a page
HOSTILE = (
    ("<script>document.title='owned'</script> rallies", "https://example.test/script"),
    ("<img src=x onerror=\"document.title='owned'\"> crashes", "javascript:document.title='owned'"),
    ('"><svg onload=document.title=`owned`> "quoted" & half', "data:text/html,<script>alert(1)</script>"),
    ("\u202egnirts desrever\u202c ends here", "https://example.test/?q=\"><script>document.title='owned'</script>"),
    ("${document.title='owned'} {{7*7}} `tick`", " JaVaScRiPt:document.title='owned'"),
)


def make_score(score: float) -> SentimentScore:
    """Return the score of a text, with the label that it deserves."""
    label = "positive" if score > 0.15 else "negative" if score < -0.15 else "neutral"
    shares = {"positive": max(score, 0.0), "negative": max(-score, 0.0), "neutral": 1 - abs(score)}
    return SentimentScore(score=score, label=label, probabilities=shares)


def make_story(number: int = 0, **overrides) -> NewsItem:
    """Return the story told `number` hours and 20 minutes before `NOW`; symbols, sources and scores take turns."""
    known = NOW - timedelta(hours=number, minutes=20)
    values = {
        "id": 9_000 - number,
        "title": f"Example headline {number}, plain text",
        "url": f"https://example.test/{number}",
        "source": SOURCES[number % 3],
        "outlets": list(SOURCES[number % 3 :]),
        "published_at": known - timedelta(minutes=3),
        "known_at": known,
        "estimated": False,
        "symbols": [("BTC/USDT", "ETH/USDT")[number % 2]],
        "sentiment": make_score(SCORES[number % 3]),
    }
    return NewsItem(**(values | overrides))


def hostile_stories() -> list[NewsItem]:
    """Return one story for each of `HOSTILE`, about BTC/USDT."""
    return [
        make_story(place, title=title, url=url, source=title, outlets=[title], symbols=["BTC/USDT"])
        for place, (title, url) in enumerate(HOSTILE)
    ]


def make_sentiment(symbol: str = "BTC/USDT", **overrides) -> SentimentSummary:
    """Return a slightly bearish day of 14 stories."""
    values = {
        "symbol": symbol,
        "window": "24h",
        "as_of": NOW,
        "engine": "ensemble",
        "version": "fake-1",
        "score": -0.12,
        "n": 14,
        "dispersion": 0.4,
        "negative_share": 0.5,
        "surprise": -0.1,
        "trend": -0.05,
        "history": [
            SentimentPoint(at=NOW - timedelta(hours=6 * back), score=-0.12 - 0.3 * math.sin(back / 3), n=14)
            for back in reversed(range(28))
        ],
    }
    return SentimentSummary(**(values | overrides))


def add_routes(app: FastAPI, fake: "FakeApi") -> None:
    """Answer stories page by page, and the sentiment of one symbol."""

    @app.get("/v1/news")
    def news(request: Request, cursor: str | None = None, limit: int = 50) -> NewsPage:
        found = [item for item in fake.stories if _wanted(item, request.query_params)]
        start = int(cursor or 0)
        more = str(start + limit) if len(found) > start + limit else None
        return NewsPage(items=found[start : start + limit], next_cursor=more)

    @app.get("/v1/news/sources")
    def sources() -> list[NewsSource]:
        told = Counter(outlet for item in fake.stories for outlet in item.outlets)
        return [NewsSource(source=name, n=n, newest_at=NOW) for name, n in told.most_common()]

    @app.get("/v1/sentiment")
    def sentiment(symbol: str, window: str = "24h") -> SentimentSummary:
        return fake.sentiment.get(symbol) or make_sentiment(symbol, window=window)


def _wanted(item: NewsItem, query: Mapping[str, str]) -> bool:
    score = None if item.sentiment is None else item.sentiment.score
    return (
        query.get("symbol") in (None, *item.symbols)
        and query.get("source") in (None, *item.outlets)
        and query.get("label") in (None, item.sentiment.label if item.sentiment else "")
        and all(word in item.title.lower() for word in query.get("text", "").lower().split())
        and ("min_score" not in query or (score is not None and score >= float(query["min_score"])))
        and ("max_score" not in query or (score is not None and score <= float(query["max_score"])))
    )
