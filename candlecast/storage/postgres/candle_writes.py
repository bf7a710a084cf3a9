"""How does a batch enter the table of candles? By COPY into a stage, then two statements over all rows."""

from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

from candlecast.storage.postgres.candle_rows import Stage

# Made once a connection; a commit empties it.
_STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS stage (
    open_time timestamptz, close_time timestamptz, open float8, high float8, low float8, close float8, volume float8,
    source int2, quality int2, known_at timestamptz
) ON COMMIT DELETE ROWS
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


@dataclass(frozen=True, slots=True)
class Written:
    """How many candles a write added, replaced and found stored already."""

    inserted: int
    revised: int
    unchanged: int


def write(cursor: Cursor, stage: Stage, *, symbol_id: int, timeframe: str) -> Written:
    """Write the rows of `stage` into a series, inside the transaction of `cursor`.

    Parameters
    ----------
    cursor : psycopg2 cursor
        Inside a transaction; the partitions of all rows are there.
    stage : Stage
        One row an open time.
    symbol_id : int
        Number of the symbol.
    timeframe : str
        Timeframe of the rows.

    Returns
    -------
    Written
        The three numbers add up to the number of rows.
    """
    # One writer a series: between the two statements nobody may add a row.
    cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (symbol_id, timeframe))
    cursor.execute(_STAGE)
    stage.copy_into(cursor, "stage")
    cursor.execute(_KEEP_REVISED, (stage.known_last, symbol_id, timeframe, stage.first_open, stage.last_open))
    revised = cursor.rowcount
    cursor.execute(_WRITE, (symbol_id, timeframe, stage.sources, stage.qualities, stage.known_last))
    written = cursor.rowcount
    return Written(written - revised, revised, len(stage.columns["open_time"]) - written)
