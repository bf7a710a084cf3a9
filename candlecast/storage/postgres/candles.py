"""Which candles are stored? Bulk writes that keep what they replace, and fast reads of the newest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import pandas as pd

from candlecast.errors import InvalidRequestError
from candlecast.market.candles import timeframe_s
from candlecast.storage.postgres import candle_rows
from candlecast.storage.postgres.database import Database

_STAGE = """
CREATE TEMPORARY TABLE stage (
    open_time timestamptz, close_time timestamptz, open float8, high float8, low float8, close float8, volume float8,
    source int2, quality int2, known_at timestamptz
) ON COMMIT DROP
"""
_VALUES = "close_time, open, high, low, close, volume"
_OLD = "old.close_time, old.open, old.high, old.low, old.close, old.volume"
_NEW = "new.close_time, new.open, new.high, new.low, new.close, nullif(new.volume, 'NaN')"
_KEEP_REVISED = f"""
INSERT INTO ohlcv_revisions
    (symbol_id, timeframe, open_time, {_VALUES}, source, quality, known_from, known_until)
SELECT old.symbol_id, old.timeframe, old.open_time, {_OLD}, old.source, old.quality, old.known_at, %s
FROM stage new JOIN ohlcv_table old USING (open_time)
WHERE old.symbol_id = %s AND old.timeframe = %s AND old.open_time BETWEEN %s AND %s
    AND ({_OLD}) IS DISTINCT FROM ({_NEW})
"""
_WRITE = f"""
INSERT INTO ohlcv_table AS old (symbol_id, timeframe, open_time, {_VALUES}, source, quality, known_at)
SELECT %s, %s, open_time, {_NEW}, (%s::text[])[source], (%s::text[])[quality], known_at FROM stage new
ON CONFLICT (symbol_id, timeframe, open_time) DO UPDATE SET
    close_time = excluded.close_time, open = excluded.open, high = excluded.high, low = excluded.low,
    close = excluded.close, volume = excluded.volume, source = excluded.source, quality = excluded.quality,
    known_at = %s
WHERE ({_OLD}) IS DISTINCT FROM
    (excluded.close_time, excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume)
"""
_NEWEST = """
SELECT symbol, newest.open_time, newest.close_time, newest.source
FROM symbols, LATERAL (
    SELECT open_time, close_time, source FROM ohlcv_table
    WHERE symbol_id = symbols.id AND timeframe = %(timeframe)s AND close_time <= %(until)s
        AND open_time < %(until)s AND open_time >= %(since)s
    ORDER BY open_time DESC LIMIT 1
) newest
"""
# Stock markets are open about a fifth of the time; six times as long a window nearly always suffices.
_WINDOW_FACTOR = 6
_PROBE_WINDOW = timedelta(days=35)
_START_OF_TIME = datetime.fromisoformat("0001-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Written:
    """How many candles a write added, replaced and found stored already."""

    inserted: int
    revised: int
    unchanged: int


class NewestCandle(NamedTuple):
    """When a series' newest candle opened and closed, and where it came from."""

    open_time: datetime
    close_time: datetime
    source: str


class CandleStore:
    """The tables ``ohlcv_table`` and ``ohlcv_revisions``.

    Parameters
    ----------
    database : Database
        Where the tables lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def upsert(
        self,
        symbol_id: int,
        timeframe: str,
        candles: pd.DataFrame,
        *,
        source: candle_rows.Text,
        quality: candle_rows.Text,
        known_at: candle_rows.Times,
    ) -> Written:
        """Store closed candles; a row whose values differ moves to the revisions first.

        Parameters
        ----------
        symbol_id : int
            Number of the symbol.
        timeframe : str
            Their timeframe.
        candles : DataFrame of shape (n, 7)
            Candles frame in any order, one row an open time; volume may be NaN (stored as NULL).
        source, quality : str or Series of shape (n,)
            Where each candle comes from and how far it is trusted; at most 24 bytes each. A
            difference in these alone is no revision.
        known_at : datetime or Series of shape (n,)
            When we knew each candle. A candle that replaces another one became known with the
            newest of `candles`, and until then the replaced one counts as known.

        Returns
        -------
        Written
            The three numbers add up to n.

        Raises
        ------
        InvalidRequestError
            When two rows have one open time.
        StorageError
            When the database does not answer, or refuses a candle that breaks its checks.
        """
        if candles.empty:
            return Written(0, 0, 0)
        if not candles["open_time"].is_unique:
            raise InvalidRequestError(f"candles of {timeframe} must have one row an open time; drop the duplicates")
        first, last = candles["open_time"].min(), candles["open_time"].max()
        stage = candle_rows.stage(candles, source=source, quality=quality, known_at=known_at)
        with self._database.transaction() as cursor:
            cursor.execute("SELECT ensure_candle_partitions(%s, %s)", (first, last))
        with self._database.transaction() as cursor:
            # One writer a series: between the two statements nobody may add a row.
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (symbol_id, timeframe))
            cursor.execute(_STAGE)
            stage.copy_into(cursor, "stage")
            cursor.execute(_KEEP_REVISED, (stage.known_last, symbol_id, timeframe, first, last))
            revised = cursor.rowcount
            cursor.execute(_WRITE, (symbol_id, timeframe, stage.sources, stage.qualities, stage.known_last))
            written = cursor.rowcount
        return Written(written - revised, revised, len(candles) - written)

    def read(
        self,
        symbol_id: int,
        timeframe: str,
        *,
        until: datetime | None,
        start: datetime | None = None,
        limit: int | None = None,
    ) -> pd.DataFrame:
        """Return the newest stored candles that were closed at `until`.

        Parameters
        ----------
        symbol_id : int
            Number of the symbol.
        timeframe : str
            Their timeframe.
        until : datetime or None
            Latest close time, inclusive; None: no bound.
        start : datetime, optional
            Earliest open time, inclusive.
        limit : int, optional
            Most rows; the oldest are left out.

        Returns
        -------
        DataFrame of shape (n, 10)
            Candles frame plus ``source``, ``quality``, ``known_at``, ascending; an unknown
            volume is NaN.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            window = candle_rows.Window(symbol_id, timeframe, start=start, until=until, limit=limit)
            if limit is not None and until is not None and start is None:
                reach = timedelta(seconds=limit * timeframe_s(timeframe) * _WINDOW_FACTOR) + _PROBE_WINDOW
                near = candle_rows.fetch(cursor, window.starting(until - min(reach, until - _START_OF_TIME)))
                if len(near) == limit:
                    return near
            return candle_rows.fetch(cursor, window)

    def page(
        self,
        symbol_id: int,
        timeframe: str,
        *,
        start: datetime | None = None,
        until: datetime | None = None,
        limit: int = 1_000,
    ) -> pd.DataFrame:
        """Return the oldest stored candles from `start` on, for reading page by page.

        Parameters
        ----------
        symbol_id : int
            Number of the symbol.
        timeframe : str
            Their timeframe.
        start : datetime, optional
            Earliest open time, inclusive; for the next page, a microsecond after the last one.
        until : datetime, optional
            Latest close time, inclusive.
        limit : int
            Most rows; fewer come on the last page only.

        Returns
        -------
        DataFrame of shape (n, 10)
            As from `read`.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            window = candle_rows.Window(symbol_id, timeframe, start=start, until=until, limit=limit, newest=False)
            return candle_rows.fetch(cursor, window)

    def newest(self, timeframe: str, until: datetime) -> dict[str, NewestCandle]:
        """Return each symbol's newest candle closed at `until`.

        Symbols without any are left out.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            found: dict[str, NewestCandle] = {}
            for since in (until - _PROBE_WINDOW, _START_OF_TIME):
                cursor.execute(_NEWEST, {"timeframe": timeframe, "until": until, "since": since})
                found = {name: NewestCandle(*candle) for name, *candle in cursor.fetchall()}
                cursor.execute("SELECT count(*) = %s FROM symbols", (len(found),))
                if cursor.fetchone() == (True,):
                    break
            return found

    def count(self, symbol_id: int, timeframe: str) -> int:
        """Return how many candles of the series are stored.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(
                "SELECT count(*) FROM ohlcv_table WHERE symbol_id = %s AND timeframe = %s", (symbol_id, timeframe)
            )
            row = cursor.fetchone()
            return 0 if row is None else int(row[0])
