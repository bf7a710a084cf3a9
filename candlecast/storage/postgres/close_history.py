"""What did the closes of many symbols say, now and before they were revised? In one query."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from candlecast.market.timeframes import timeframe_s
from candlecast.record.evidence import CloseHistory
from candlecast.storage.postgres.binary_copy import Records, copy_out
from candlecast.storage.postgres.database import Database

# what counts still is known until the end of the year 9999
_WHERE = """
WHERE timeframe = %s AND symbol_id = ANY(%s) AND open_time >= %s AND open_time < %s AND close_time <= %s
"""
_VERSIONS = f"""
SELECT symbol_id, open_time, close_time, known_at, '9999-12-31 23:59:59Z'::timestamptz, open, close
FROM ohlcv_table {_WHERE}
UNION ALL
SELECT symbol_id, open_time, close_time, known_from, known_until, open, close
FROM ohlcv_revisions {_WHERE}
ORDER BY 1, 3, 5
"""
_TIMES = ("open_us", "close_us", "from_us", "until_us")
_FIELDS = {"symbol_id": "i4", **dict.fromkeys(_TIMES, "i8"), "open": "f8", "close": "f8"}
_EPOCH_US = 946_684_800_000_000


class CloseHistoryStore:
    """The closes of ``ohlcv_table`` and ``ohlcv_revisions``.

    Parameters
    ----------
    database : Database
        Where the tables lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(
        self, symbol_ids: Sequence[int], timeframe: str, *, since: datetime, until: datetime
    ) -> dict[tuple[int, str], CloseHistory]:
        """Return the closes in ``[since, until]`` by symbol number and timeframe; symbols without any are left out.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        opened = since - timedelta(seconds=timeframe_s(timeframe))
        wanted = (timeframe, list(symbol_ids), opened, until, until)
        with self._database.transaction() as cursor:
            rows = copy_out(cursor, _VERSIONS, wanted * 2, fields=_FIELDS)
        numbers = rows["symbol_id"].astype(np.int64)
        edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
        spans = [slice(*span) for span in pairwise(edges) if span[1] > span[0]]
        return {(int(numbers[span.start]), timeframe): _history(rows[span]) for span in spans}


def _history(rows: Records) -> CloseHistory:
    opens_us, closes_us, from_us, until_us = (rows[name].astype(np.int64) + _EPOCH_US for name in _TIMES)
    return CloseHistory(
        opens_us, closes_us, from_us, until_us, rows["open"].astype(np.float64), rows["close"].astype(np.float64)
    )
