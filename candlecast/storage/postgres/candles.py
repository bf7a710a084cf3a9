"""Which candles are stored? Bulk writes that keep what they replace, and fast reads of the newest."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd

from candlecast.market.timeframes import timeframe_s
from candlecast.storage.postgres import candle_rows
from candlecast.storage.postgres.candle_batch import Text, Times, lay_out
from candlecast.storage.postgres.candle_writes import Written, write
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.newest_candles import NewestCandle as NewestCandle
from candlecast.storage.postgres.newest_candles import fetch_newest

# Stock markets are open about a fifth of the time; six times as long a window nearly always suffices.
_WINDOW_FACTOR = 6
_PROBE_WINDOW = timedelta(days=35)
_START_OF_TIME = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
_END_OF_TIME = datetime.fromisoformat("9999-12-31T00:00:00+00:00")


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
        source: Text,
        quality: Text,
        known_at: Times,
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
        series = candles.assign(symbol_id=symbol_id)
        return self.upsert_many(timeframe, series, source=source, quality=quality, known_at=known_at)

    def upsert_many(
        self, timeframe: str, candles: pd.DataFrame, *, source: Text, quality: Text, known_at: Times
    ) -> Written:
        """Store closed candles of any number of symbols in one transaction, see `upsert`.

        Parameters
        ----------
        timeframe : str
            Their timeframe.
        candles : DataFrame of shape (n, 8)
            Candles frame in any order with an integer column ``symbol_id``, one row a symbol and
            open time. A candle that is False in the optional column ``revises`` is stored where
            there is none, but replaces none. For each symbol all that is stored between the
            batch's first and last open time is read: a batch of one long and many short series is
            better written as two.
        source, quality : str or Series of shape (n,)
            As for `upsert`.
        known_at : datetime or Series of shape (n,)
            As for `upsert`; a candle that replaces another one became known with the newest of its
            symbol.

        Returns
        -------
        Written
            The three numbers add up to n.

        Raises
        ------
        InvalidRequestError
            When two rows have one symbol and open time.
        StorageError
            When the database does not answer, or refuses a candle that breaks its checks; then
            nothing is stored.
        """
        if candles.empty:
            return Written(0, 0, 0)
        batch = lay_out(candles, source=source, quality=quality, known_at=known_at)
        with self._database.transaction() as cursor:
            cursor.execute("SELECT ensure_candle_partitions(%s, %s)", batch.span.opens)
        with self._database.transaction() as cursor:
            return write(cursor, batch, timeframe=timeframe)

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
                reach = min(_reach(limit, timeframe), until - _START_OF_TIME)
                near = candle_rows.fetch(cursor, window.starting(until - reach))
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
            if start is not None:
                far = start + min(_reach(limit, timeframe), _END_OF_TIME - start)
                near = candle_rows.fetch(cursor, window.ending(far if until is None else min(far, until)))
                if len(near) == limit:
                    return near
            return candle_rows.fetch(cursor, window)

    def open_times(
        self, symbol_id: int, timeframe: str, *, start: datetime | None = None, end: datetime | None = None
    ) -> pd.DatetimeIndex:
        """Return the open times of a series in ``[start, end)``, ascending; None: no bound.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            return candle_rows.fetch_open_times(cursor, symbol_id, timeframe, start=start, end=end)

    def newest(
        self, timeframe: str, until: datetime, *, symbols: Sequence[str] | None = None
    ) -> dict[str, NewestCandle]:
        """Return each symbol's newest candle closed at `until`.

        Symbols without any are left out. A symbol costs one look into an index: name those that are
        wanted in `symbols`.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            return fetch_newest(cursor, timeframe, until=until, symbols=symbols)

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


def _reach(limit: int, timeframe: str) -> timedelta:
    # Each partition in reach is planned for: a bound keeps the cost of a page from growing with the history.
    return timedelta(seconds=limit * timeframe_s(timeframe) * _WINDOW_FACTOR) + _PROBE_WINDOW
