"""How does a batch enter the table of candles? New rows by COPY into it, revised ones by way of a stage."""

from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

from candlecast.market.candles import PRICE_COLUMNS
from candlecast.storage.postgres.binary_copy import Records, copy_in, copy_out
from candlecast.storage.postgres.candle_batch import Batch

_STORED_FIELDS = {"symbol_id": "i4", "open_time": "i8", "close_time": "i8"} | dict.fromkeys(PRICE_COLUMNS, "f8")
_STORED = """
SELECT symbol_id, open_time, close_time, open, high, low, close, coalesce(volume, 'NaN') FROM ohlcv_table
WHERE symbol_id = ANY(%s) AND timeframe = %s AND open_time BETWEEN %s AND %s
"""
# Made once a connection; a commit empties it.
_STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS stage (LIKE ohlcv_table) ON COMMIT DELETE ROWS
"""
_VALUES = "close_time, open, high, low, close, volume, source, quality"
_SAME_ROW = """
old.symbol_id = new.symbol_id AND old.timeframe = new.timeframe AND old.open_time = new.open_time
AND old.timeframe = %s AND old.open_time BETWEEN %s AND %s
"""
_KEEP = f"""
INSERT INTO ohlcv_revisions (symbol_id, timeframe, open_time, {_VALUES}, known_from, known_until)
SELECT old.symbol_id, old.timeframe, old.open_time, old.{_VALUES.replace(", ", ", old.")}, old.known_at, new.known_at
FROM stage new JOIN ohlcv_table old ON {_SAME_ROW}
"""
_REPLACE = f"""
UPDATE ohlcv_table old SET ({_VALUES}, known_at) = (new.{_VALUES.replace(", ", ", new.")}, new.known_at)
FROM stage new WHERE {_SAME_ROW}
"""


@dataclass(frozen=True, slots=True)
class Written:
    """How many candles a write added, replaced and left as they were stored."""

    inserted: int
    revised: int
    unchanged: int


def write(cursor: Cursor, batch: Batch, *, timeframe: str) -> Written:
    """Write `batch`, inside the transaction of `cursor`.

    Parameters
    ----------
    cursor : psycopg2 cursor
        Inside a transaction; the partitions of all rows are there.
    batch : Batch
        At least one row.
    timeframe : str
        Timeframe of the rows.

    Returns
    -------
    Written
        The three numbers add up to the number of rows.
    """
    _lock(cursor, batch, timeframe)
    new, differs = batch.compare(_stored(cursor, batch, timeframe))
    revised = differs & batch.revises
    if new.any():
        copy_in(cursor, "ohlcv_table", batch.take(new).blocks(timeframe=timeframe))
    if revised.any():
        _revise(cursor, batch.known_with_newest().take(revised), timeframe)
    return Written(int(new.sum()), int(revised.sum()), int((~new & ~revised).sum()))


def _lock(cursor: Cursor, batch: Batch, timeframe: str) -> None:
    # One writer a series, since what is stored decides what is written; all writers lock in ascending order.
    query = "SELECT pg_advisory_xact_lock(id, hashtext(%s)) FROM unnest(%s) id"
    cursor.execute(query, (timeframe, batch.span.symbol_ids.tolist()))


def _stored(cursor: Cursor, batch: Batch, timeframe: str) -> Records:
    return copy_out(
        cursor, _STORED, (batch.span.symbol_ids.tolist(), timeframe, *batch.span.opens), fields=_STORED_FIELDS
    )


def _revise(cursor: Cursor, batch: Batch, timeframe: str) -> None:
    cursor.execute(_STAGE)
    copy_in(cursor, "stage", batch.blocks(timeframe=timeframe))
    for statement in (_KEEP, _REPLACE):
        cursor.execute(statement, (timeframe, *batch.span.opens))
