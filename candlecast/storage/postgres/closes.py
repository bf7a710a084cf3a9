"""At which price did each symbol close by a given time? One query for any number of symbols."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from candlecast.storage.postgres.database import Database

_CLOSES = """
SELECT symbol, newest.close_time, newest.close, newest.source
FROM symbols, LATERAL (
    SELECT close_time, close, source FROM ohlcv_table
    WHERE symbol_id = symbols.id AND timeframe = %(timeframe)s AND close_time <= %(until)s
        AND open_time < %(until)s AND open_time >= %(since)s
    ORDER BY open_time DESC LIMIT 1
) newest
WHERE symbol = ANY(%(names)s)
"""
_REACH = timedelta(days=35)


class StoredClose(NamedTuple):
    """The close of one candle, in quote currency, and where it came from."""

    close_time: datetime
    close: float
    source: str


class CloseStore:
    """The closes of ``ohlcv_table``.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, symbols: Sequence[str], timeframe: str, *, until: datetime) -> dict[str, StoredClose]:
        """Return each symbol's newest close by `until`; symbols without one in 35 days are left out.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        wanted = {"names": list(symbols), "timeframe": timeframe, "until": until, "since": until - _REACH}
        with self._database.transaction() as cursor:
            cursor.execute(_CLOSES, wanted)
            return {name: StoredClose(*close) for name, *close in cursor.fetchall()}
