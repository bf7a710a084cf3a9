"""How is a page of news read? Stories by filter, newest first, as far as they were known at a market time."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

from psycopg2.extensions import cursor as Cursor

from candlecast.schemas import NewsItem, NewsSource, SentimentScore

# Outlets that told the story after `until` are not known yet.
_SELECT = """
SELECT n.id, n.title, n.url, n.source, n.published_at, n.known_at, n.estimated,
    ARRAY(
        SELECT o.source FROM news_outlets o WHERE o.news_id = n.id AND o.known_at <= %(until)s
        GROUP BY o.source ORDER BY min(o.known_at), o.source
    ),
    ARRAY(
        SELECT s.symbol FROM news_symbols l JOIN symbols s ON s.id = l.symbol_id
        WHERE l.news_id = n.id ORDER BY s.symbol
    ),
    t.score, t.label, t.probabilities, t.abstain_reason
FROM news_table n
LEFT JOIN sentiment_table t ON t.news_id = n.id AND t.engine = %(engine)s AND t.version = %(version)s
WHERE n.known_at <= %(until)s"""
_CONDITIONS: Mapping[str, str] = MappingProxyType(
    {
        "symbol_id": "EXISTS (SELECT FROM news_symbols l WHERE l.news_id = n.id AND l.symbol_id = %(symbol_id)s)",
        "source": """EXISTS (
            SELECT FROM news_outlets o WHERE o.news_id = n.id AND o.source = %(source)s AND o.known_at <= %(until)s
        )""",
        "min_score": "t.score >= %(min_score)s",
        "max_score": "t.score <= %(max_score)s",
        "label": "t.label = %(label)s",
        "text": "n.title ILIKE ALL (%(text)s::text[])",
        "after": "(n.known_at, n.id) < (%(after_time)s, %(after_id)s)",
    }
)
_SOURCES = """
SELECT source, count(DISTINCT news_id), max(known_at) FROM news_outlets
WHERE known_at >= %s AND known_at <= %s GROUP BY source ORDER BY 2 DESC, source LIMIT %s
"""
_ORDER = "ORDER BY n.known_at DESC, n.id DESC LIMIT %(limit)s"

_ESCAPED = str.maketrans({sign: f"\\{sign}" for sign in "\\%_"})

_TOLD = ("id", "title", "url", "source", "published_at", "known_at", "estimated", "outlets", "symbols")
_JUDGED = ("score", "label", "probabilities", "abstain_reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsQuery:
    """Which stories are wanted; None stands for any.

    Parameters
    ----------
    until : datetime
        Market time; what was known later does not exist yet.
    engine, version : str or None
        Whose scores and labels are shown and compared; None: no score is shown.
    symbol_id : int or None
        Stories about this symbol.
    source : str or None
        Stories that this outlet told, first or not.
    min_score, max_score : float or None
        Lowest and highest score, -1 to 1; with either, stories without a score are left out.
    label : str or None
        ``negative``, ``neutral`` or ``positive``.
    text : str or None
        Words that all occur in the title, in capitals or not.
    after : (datetime, int) or None
        ``known_at`` and ``id`` of the last story of the page before.
    limit : int
        Most stories.
    """

    until: datetime
    engine: str | None = None
    version: str | None = None
    symbol_id: int | None = None
    source: str | None = None
    min_score: float | None = None
    max_score: float | None = None
    label: str | None = None
    text: str | None = None
    after: tuple[datetime, int] | None = None
    limit: int = 50


def select(cursor: Cursor, query: NewsQuery) -> list[NewsItem]:
    """Return the stories that meet `query`, descending by ``known_at`` and ``id``."""
    if "\x00" in f"{query.source}{query.text}":
        # PostgreSQL takes no such text, and no outlet or title has it.
        return []
    conditions = [text for name, text in _CONDITIONS.items() if getattr(query, name) is not None]
    after_time, after_id = query.after or (None, None)
    parameters = {field.name: getattr(query, field.name) for field in fields(query)}
    parameters |= {"after_time": after_time, "after_id": after_id, "text": _patterns(query.text or "")}
    cursor.execute(f"{' AND '.join([_SELECT, *conditions])} {_ORDER}", parameters)
    return [_item(row) for row in cursor.fetchall()]


def sources(cursor: Cursor, since: datetime, until: datetime, limit: int) -> list[NewsSource]:
    """Return the outlets that told a story in ``[since, until]``, the busiest first."""
    cursor.execute(_SOURCES, (since, until, limit))
    return [NewsSource(source=name, n=n, newest_at=newest) for name, n, newest in cursor.fetchall()]


def _patterns(text: str) -> list[str]:
    plain = (word.translate(_ESCAPED) for word in text.split())
    return [f"%{word}%" for word in plain]


def _item(row: tuple[Any, ...]) -> NewsItem:
    told = dict(zip(_TOLD, row, strict=False))
    judged = dict(zip(_JUDGED, row[len(_TOLD) :], strict=True))
    # An engine that abstains has probabilities all the same; without a row there are none.
    sentiment = None if judged["probabilities"] is None else SentimentScore(**judged)
    return NewsItem(**told, sentiment=sentiment)
