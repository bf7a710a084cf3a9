"""What is stored of each series? Counts for people who look after the data."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extensions import cursor as Cursor

from candlecast.storage.postgres.database import Database

# The planner has no figures of a partitioned table as a whole and would sort every row; the groups are few.
_FOR_ALL_ROWS = "SET LOCAL enable_sort = off; SET LOCAL statement_timeout = '10min'"
_CANDLES = """
SELECT symbol_id, timeframe, source, quality, count(*), min(open_time), max(close_time)
FROM ohlcv_table {} GROUP BY 1, 2, 3, 4
"""
_REVISIONS = "SELECT symbol_id, timeframe, count(*) FROM ohlcv_revisions {} GROUP BY 1, 2"
_REJECTED = "SELECT symbol_id, timeframe, reason, count(*) FROM quarantine {} GROUP BY 1, 2, 3"


@dataclass(frozen=True, slots=True)
class SeriesCensus:
    """How many candles of one series there are, and of which kind.

    Parameters
    ----------
    symbol, timeframe : str
        Which series.
    n_candles : int
        Stored candles, 0 where all that ever came was rejected.
    first_open, newest_close : datetime or None
        What they span; None without candles.
    by_origin : dict of (str, str) to int
        Candles by source and quality; they add up to `n_candles`.
    n_revisions : int
        Earlier values that were replaced.
    rejected : dict of str to int
        Rows in the quarantine by the reason.
    """

    symbol: str
    timeframe: str
    n_candles: int
    first_open: datetime | None
    newest_close: datetime | None
    by_origin: dict[tuple[str, str], int]
    n_revisions: int
    rejected: dict[str, int]


def take_census(database: Database, timeframe: str | None = None) -> list[SeriesCensus]:
    """Count every series, one query a table over all of it.

    Parameters
    ----------
    database : Database
        Where the tables lie.
    timeframe : str, optional
        Counts the series of one timeframe only.

    Returns
    -------
    list of SeriesCensus
        By symbol and timeframe; a symbol of which nothing ever came is left out.

    Raises
    ------
    StorageError
        When the database does not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(_FOR_ALL_ROWS)
        cursor.execute("SELECT id, symbol FROM symbols")
        names = dict(cursor.fetchall())
        candles = _by_series(cursor, _CANDLES, timeframe)
        revisions = _by_series(cursor, _REVISIONS, timeframe)
        rejected = _by_series(cursor, _REJECTED, timeframe)
    found = {series for part in (candles, revisions, rejected) for series in part}
    census = [
        _count(names[series[0]], series[1], candles[series], revisions[series], rejected[series]) for series in found
    ]
    return sorted(census, key=lambda one: (one.symbol, one.timeframe))


def _by_series(cursor: Cursor, query: str, timeframe: str | None) -> defaultdict[tuple[int, str], list[Any]]:
    cursor.execute(
        query.format("" if timeframe is None else "WHERE timeframe = %(timeframe)s"), {"timeframe": timeframe}
    )
    rows: defaultdict[tuple[int, str], list[Any]] = defaultdict(list)
    for symbol_id, of_timeframe, *values in cursor.fetchall():
        rows[symbol_id, of_timeframe].append(values)
    return rows


def _count(
    symbol: str, timeframe: str, candles: list[Any], revisions: list[Any], rejected: Iterable[tuple[str, int]]
) -> SeriesCensus:
    return SeriesCensus(
        symbol,
        timeframe,
        n_candles=sum(row[2] for row in candles),
        first_open=min((row[3] for row in candles), default=None),
        newest_close=max((row[4] for row in candles), default=None),
        by_origin={(source, quality): n_rows for source, quality, n_rows, *_ in candles},
        n_revisions=sum(row[0] for row in revisions),
        rejected=dict(rejected),
    )
