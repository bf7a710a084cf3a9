"""Which candles were refused, and why? Kept for people to look at, never read by features."""

from datetime import datetime

import pandas as pd
from psycopg2.extras import execute_values

from candlecast.market.candles import PRICE_COLUMNS
from candlecast.storage.postgres.database import Database

_ADD = """
INSERT INTO quarantine (symbol_id, timeframe, source, seen_at, reason, open_time, open, high, low, close, volume)
VALUES %s ON CONFLICT DO NOTHING RETURNING id
"""


class QuarantineStore:
    """The table ``quarantine``.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, symbol_id: int, timeframe: str, rejected: pd.DataFrame, *, source: str, seen_at: datetime) -> int:
        """Keep refused rows; the same row refused again for the same reason is kept once.

        Parameters
        ----------
        symbol_id : int
            Number of the symbol.
        timeframe : str
            Their timeframe.
        rejected : DataFrame of shape (n, m)
            ``open_time`` (may be NaT), the price columns (may be NaN) and ``reason``.
        source : str
            Who sent them.
        seen_at : datetime
            When they were refused.

        Returns
        -------
        int
            How many were not there yet.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        frame = rejected[["reason", "open_time", *PRICE_COLUMNS]].astype("object")
        values = frame.where(frame.notna(), None).to_numpy().tolist()
        rows = [(symbol_id, timeframe, source, seen_at, *row) for row in values]
        if not rows:
            return 0
        with self._database.transaction() as cursor:
            return len(execute_values(cursor, _ADD, rows, fetch=True))
