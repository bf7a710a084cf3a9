"""What is the newest candle of each series? Found in a few recent partitions, or else in all of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor

_NEWEST = """
SELECT symbol, newest.open_time, newest.close_time, newest.source, newest.quality
FROM symbols, LATERAL (
    SELECT open_time, close_time, source, quality FROM ohlcv_table
    WHERE symbol_id = symbols.id AND timeframe = %(timeframe)s AND close_time <= %(until)s
        AND open_time < %(before)s AND open_time >= %(since)s
    ORDER BY open_time DESC LIMIT 1
) newest
WHERE symbol = ANY(%(names)s)
"""
_PROBE_WINDOW = timedelta(days=35)
_START_OF_TIME = datetime.fromisoformat("0001-01-01T00:00:00+00:00")


class NewestCandle(NamedTuple):
    """When a series' newest candle opened and closed, where it came from and how far it is trusted."""

    open_time: datetime
    close_time: datetime
    source: str
    quality: str


def fetch_newest(
    cursor: Cursor, timeframe: str, *, until: datetime, symbols: Sequence[str] | None
) -> dict[str, NewestCandle]:
    """Return the newest candle of each symbol, see `CandleStore.newest`."""
    names = None if symbols is None else list(symbols)
    cursor.execute("SELECT symbol FROM symbols WHERE symbol = ANY(coalesce(%s, ARRAY[symbol]))", (names,))
    missing = [name for (name,) in cursor.fetchall()]
    found: dict[str, NewestCandle] = {}
    recent = until - _PROBE_WINDOW
    for since, before in ((recent, until), (_START_OF_TIME, recent)):
        if missing:
            cursor.execute(
                _NEWEST, {"timeframe": timeframe, "until": until, "since": since, "before": before, "names": missing}
            )
            found |= {name: NewestCandle(*candle) for name, *candle in cursor.fetchall()}
            missing = [name for name in missing if name not in found]
    return found
