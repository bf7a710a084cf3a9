"""What was stored of one symbol at a moment? Candles as they counted then, before they were revised."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from candlecast.market.candles import CANDLE_COLUMNS
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database

_REVISIONS = """
SELECT open_time, close_time, open, high, low, close, coalesce(volume, 'NaN'), known_from, known_until
FROM ohlcv_revisions WHERE symbol_id = %s AND timeframe = %s AND open_time >= %s AND close_time <= %s
"""
_TIMES = ("open_time", "close_time", "known_from", "known_until")


@dataclass(frozen=True, slots=True)
class KnownCandles:
    """Candles of one symbol with what they said before.

    Parameters
    ----------
    stored : DataFrame
        Candles frame with ``known_at``, ascending, as stored now.
    revisions : DataFrame
        Candles frame with ``known_from`` and ``known_until``: what was replaced.
    """

    stored: pd.DataFrame
    revisions: pd.DataFrame

    def at(self, moment: datetime, *, until: datetime, limit: int) -> pd.DataFrame:
        """Return the newest `limit` candles that counted as known at `moment` and had closed at `until`, ascending."""
        known = self.stored.loc[self.stored["known_at"] <= moment, list(CANDLE_COLUMNS)]
        if len(self.revisions):
            then = (self.revisions["known_from"] <= moment) & (moment < self.revisions["known_until"])
            parts = [known, self.revisions.loc[then, list(CANDLE_COLUMNS)]]
            known = pd.concat(parts).drop_duplicates("open_time", keep="last").sort_values("open_time")
        return known[known["close_time"] <= until].iloc[-limit:].reset_index(drop=True)


class KnownCandleStore:
    """The tables ``ohlcv_table`` and ``ohlcv_revisions``, read together.

    Parameters
    ----------
    database : Database
        Where the tables lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._candles = CandleStore(database)

    def read(self, symbol_id: int, timeframe: str, *, until: datetime, limit: int) -> KnownCandles:
        """Return the newest `limit` candles closed at `until`, and all that any of them said before.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        stored = self._candles.read(symbol_id, timeframe, until=until, limit=limit)
        names = [*CANDLE_COLUMNS, "known_from", "known_until"]
        rows: list[tuple[object, ...]] = []
        if len(stored):
            with self._database.transaction() as cursor:
                cursor.execute(_REVISIONS, (symbol_id, timeframe, stored["open_time"].iloc[0].to_pydatetime(), until))
                rows = cursor.fetchall()
        revisions = pd.DataFrame(rows, columns=names)
        for name in _TIMES:
            revisions[name] = pd.DatetimeIndex(pd.to_datetime(revisions[name], utc=True)).as_unit("us")
        return KnownCandles(stored, revisions)
