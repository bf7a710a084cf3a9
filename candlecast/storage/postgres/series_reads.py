"""What has been stored of many series since they were last read? One query for all of them, as arrays."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
from psycopg2.extensions import cursor as Cursor

from candlecast.market.calendars import to_microseconds
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.market.series import CandleArrays
from candlecast.storage.postgres.binary_copy import Records, copy_out, times_from_wire
from candlecast.storage.postgres.database import Database

_TEXT_BYTES = 24
_FIELDS = (
    {"symbol_id": "i4", "open_time": "i8", "close_time": "i8", "known_at": "i8"}
    | dict.fromkeys(PRICE_COLUMNS, "f8")
    | {"source": f"S{_TEXT_BYTES}"}
)
_SELECT = f"""
SELECT symbol_id, open_time, close_time, known_at, open, high, low, close, coalesce(volume, 'NaN'),
    source::char({_TEXT_BYTES})
FROM ohlcv_table
WHERE symbol_id = ANY(%s) AND timeframe = %s AND open_time >= %s AND open_time < %s AND close_time <= %s
ORDER BY symbol_id, open_time
"""
_STATES = """
SELECT symbol_id, count(*), sum((extract(epoch FROM known_at) * 1000000)::bigint)
FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) AS held (symbol_id, first_open, last_open)
JOIN ohlcv_table candle USING (symbol_id)
WHERE timeframe = %s AND open_time BETWEEN first_open AND last_open AND open_time BETWEEN %s AND %s
GROUP BY symbol_id
"""

Span = tuple[datetime, datetime]


class SeriesReads:
    """Reads of the table ``ohlcv_table`` over many series of one timeframe.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def since(
        self, symbol_ids: Sequence[int], timeframe: str, *, start: datetime, until: datetime
    ) -> dict[int, CandleArrays]:
        """Return the candles of each symbol that opened at `start` or later and had closed at `until`.

        Symbols without any are left out.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            parameters = [list(symbol_ids), timeframe, start, until, until]
            rows = copy_out(cursor, _SELECT, parameters, fields=_FIELDS)
        return _split(rows)

    def states(self, timeframe: str, spans: Mapping[int, Span]) -> dict[int, tuple[int, int]]:
        """Return how many candles of each symbol are stored, and the sum of when they became known.

        Parameters
        ----------
        timeframe : str
            Their timeframe.
        spans : mapping of int to (datetime, datetime)
            First and last open of each symbol by its number, both inclusive.

        Returns
        -------
        dict of int to (int, int)
            Number of candles and sum of `known_at` in microseconds since 1970: both are as they
            were as long as none was added, removed or revised.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        if not spans:
            return {}
        first, last = zip(*spans.values(), strict=True)
        with self._database.transaction() as cursor:
            cursor.execute(_STATES, (list(spans), list(first), list(last), timeframe, min(first), max(last)))
            return _whole(cursor)


def _whole(cursor: Cursor) -> dict[int, tuple[int, int]]:
    return {symbol_id: (n, int(known_us)) for symbol_id, n, known_us in cursor.fetchall()}


def _split(rows: Records) -> dict[int, CandleArrays]:
    numbers = rows["symbol_id"].astype(np.int64)
    open_us, close_us, known_us = (
        to_microseconds(times_from_wire(rows[name])) for name in ("open_time", "close_time", "known_at")
    )
    values = np.array([rows[name].astype(np.float64) for name in PRICE_COLUMNS])
    edges = [*np.flatnonzero(np.diff(numbers, prepend=-1)).tolist(), len(rows)]
    found = {}
    for first, after in pairwise(edges):
        part = slice(first, after)
        source = bytes(rows["source"][after - 1]).decode().rstrip()
        found[int(numbers[first])] = CandleArrays(
            open_us[part], close_us[part], known_us[part], values[:, part], source
        )
    return found
