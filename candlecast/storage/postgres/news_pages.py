"""How is a page of news read? Stories by filter, newest first, as far as they were known at a market time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor as Cursor

from candlecast.schemas import NewsItem, SentimentScore

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
_SYMBOL = "EXISTS (SELECT FROM news_symbols l WHERE l.news_id = n.id AND l.symbol_id = %(symbol_id)s)"
_SOURCE = """EXISTS (
    SELECT FROM news_outlets o WHERE o.news_id = n.id AND o.source = %(source)s AND o.known_at <= %(until)s
)"""
_ORDER = "ORDER BY n.known_at DESC, n.id DESC LIMIT %(limit)s"

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
        Whose scores are shown and compared to `min_score`; None: no score is shown.
    symbol_id : int or None
        Stories about this symbol.
    source : str or None
        Stories that this outlet told, first or not.
    min_score : float or None
        Lowest score, -1 to 1; with it, stories without a score are left out.
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
    after: tuple[datetime, int] | None = None
    limit: int = 50


def select(cursor: Cursor, query: NewsQuery) -> list[NewsItem]:
    """Return the stories that meet `query`, descending by ``known_at`` and ``id``."""
    if "\x00" in (query.source or ""):
        # PostgreSQL takes no such text, and no outlet has such a name.
        return []
    conditions = [_SELECT]
    if query.symbol_id is not None:
        conditions.append(_SYMBOL)
    if query.source is not None:
        conditions.append(_SOURCE)
    if query.min_score is not None:
        conditions.append("t.score >= %(min_score)s")
    if query.after is not None:
        conditions.append("(n.known_at, n.id) < (%(after_time)s, %(after_id)s)")
    after_time, after_id = query.after or (None, None)
    names = ("until", "engine", "version", "symbol_id", "source", "min_score", "limit")
    parameters = {name: getattr(query, name) for name in names}
    parameters |= {"after_time": after_time, "after_id": after_id}
    cursor.execute(f"{' AND '.join(conditions)} {_ORDER}", parameters)
    return [_item(row) for row in cursor.fetchall()]


def _item(row: tuple[Any, ...]) -> NewsItem:
    told = dict(zip(_TOLD, row, strict=False))
    judged = dict(zip(_JUDGED, row[len(_TOLD) :], strict=True))
    # An engine that abstains has probabilities all the same; without a row there are none.
    sentiment = None if judged["probabilities"] is None else SentimentScore(**judged)
    return NewsItem(**told, sentiment=sentiment)
