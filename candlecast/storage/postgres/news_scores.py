"""Which stories are judged, and how? Reads over news and sentiment together."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd
from psycopg2.extensions import cursor as Cursor

from candlecast.storage.postgres.binary_copy import copy_out, times_from_wire

_UNSCORED = """
SELECT id, title FROM news_table n
WHERE NOT EXISTS (
    SELECT FROM sentiment_table t WHERE t.news_id = n.id AND t.engine = %s AND t.version = %s
)
ORDER BY known_at DESC, id DESC LIMIT %s
"""
_HISTORY = """
SELECT l.symbol_id, n.id, n.known_at, coalesce(n.published_at, '-infinity'), t.score
FROM news_symbols l
JOIN news_table n ON n.id = l.news_id
JOIN sentiment_table t ON t.news_id = n.id AND t.engine = %s AND t.version = %s
WHERE l.symbol_id = ANY(%s) AND n.known_at >= %s AND n.known_at <= %s AND t.score IS NOT NULL
ORDER BY l.symbol_id, n.known_at, n.id
"""
_FIELDS = {"symbol_id": "i4", "news_id": "i8", "known_at": "i8", "published_at": "i8", "score": "f8"}
_MINUS_INFINITY = np.iinfo("int64").min


def unscored(cursor: Cursor, engine: str, version: str, limit: int) -> list[tuple[int, str]]:
    """Return number and title of stories without a row of this version, see `NewsStore.unscored`."""
    cursor.execute(_UNSCORED, (engine, version, limit))
    return [(row[0], row[1]) for row in cursor.fetchall()]


def history(
    cursor: Cursor, symbol_ids: Sequence[int], span: tuple[datetime, datetime], engine: str, version: str
) -> pd.DataFrame:
    """Return scored stories that were first known in `span`, both ends included, see `NewsStore.history`."""
    rows = copy_out(cursor, _HISTORY, (engine, version, list(symbol_ids), *span), fields=_FIELDS)
    undated = rows["published_at"] == _MINUS_INFINITY
    published = pd.Series(times_from_wire(np.where(undated, 0, rows["published_at"])))
    return pd.DataFrame(
        {
            "symbol_id": rows["symbol_id"].astype("int64"),
            "news_id": rows["news_id"].astype("int64"),
            "known_at": times_from_wire(rows["known_at"]),
            "published_at": published.mask(undated),
            "score": rows["score"].astype("float64"),
        }
    )
