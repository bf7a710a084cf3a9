"""Scored stories in a real database, for tests of what reads them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from candlecast.market.symbols import Symbol
from candlecast.news.articles import Article
from candlecast.news.stories import Telling
from candlecast.schemas import SentimentScore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.news import NewsStore
from candlecast.storage.postgres.sentiment import ScoredNews, SentimentStore
from candlecast.storage.postgres.symbols import SymbolStore

ENGINE, VERSION = "ensemble", "v1"


def store_news(
    database: Database,
    rows: Sequence[tuple[datetime, float | None]],
    *,
    symbol: str = "BTC/USDT",
    source: str = "Outlet",
    dated: bool = True,
    version: str = VERSION,
) -> int:
    """Store one story about `symbol` for each (known at, score), None standing for an abstention; return its number."""
    ids = SymbolStore(database).ensure([Symbol.parse(symbol)])
    tellings = [Telling(_article(known_at, source=source, dated=dated), "", (symbol,)) for known_at, _ in rows]
    tellings = [Telling(each.article, each.article.url_hash, each.symbols) for each in tellings]
    added = NewsStore(database).add(tellings)
    numbers = {story.article.url_hash: story.id for story in added.stories}
    SentimentStore(database).add(
        [
            ScoredNews(numbers[telling.story], ENGINE, version, _judged(score), known_at)
            for telling, (known_at, score) in zip(tellings, rows, strict=True)
        ]
    )
    return ids[symbol]


def _article(known_at: datetime, *, source: str, dated: bool) -> Article:
    url = f"https://outlet.example/{source}/{known_at.timestamp()}/{dated}"
    return Article(
        feed="file",
        source=source,
        url=url,
        url_hash=sha256(url.encode()).hexdigest(),
        title=f"Told at {known_at:%Y-%m-%d %H:%M}",
        summary="",
        published_at=known_at - timedelta(minutes=10) if dated else None,
        known_at=known_at,
        estimated=dated,
    )


def _judged(score: float | None) -> SentimentScore:
    if score is None:
        even = {"negative": 0.3, "neutral": 0.4, "positive": 0.3}
        return SentimentScore(score=None, label=None, probabilities=even, abstain_reason="too short")
    label = "positive" if score > 0 else "negative"
    probabilities = {"negative": max(0.0, -score), "neutral": 1 - abs(score), "positive": max(0.0, score)}
    return SentimentScore(score=score, label=label, probabilities=probabilities)
