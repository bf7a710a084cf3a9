"""Which forecasts were recorded? The ledger: appended to, never changed."""

from collections.abc import Sequence
from datetime import datetime

from psycopg2.errors import CheckViolation
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from candlecast.errors import StaleDataError, UnknownSymbolError
from candlecast.forecasts.ledger import GENESIS, LedgerEntry, LedgerRow, Series, row_hash
from candlecast.schemas import Forecast
from candlecast.storage.postgres import prediction_rows
from candlecast.storage.postgres.database import Database

_HEAD_KEY = "symbol_id, timeframe, horizon, model_id"
_MAKE_HEADS = f"INSERT INTO prediction_heads ({_HEAD_KEY}, row_hash) VALUES %s ON CONFLICT DO NOTHING"
_LOCK_HEADS = f"""
SELECT {_HEAD_KEY}, row_hash FROM prediction_heads
JOIN unnest(%s::int[], %s::text[], %s::int[], %s::text[]) AS wanted ({_HEAD_KEY}) USING ({_HEAD_KEY})
ORDER BY {_HEAD_KEY} FOR UPDATE OF prediction_heads
"""
_MOVE_HEADS = """
UPDATE prediction_heads head SET row_hash = new.row_hash
FROM (VALUES %s) AS new (symbol_id, timeframe, horizon, model_id, row_hash)
WHERE (head.symbol_id, head.timeframe, head.horizon, head.model_id)
    = (new.symbol_id, new.timeframe, new.horizon, new.model_id)
"""

HeadKey = tuple[int, str, int, str]


class PredictionStore:
    """The tables ``predictions_table`` and ``prediction_heads``.

    Parameters
    ----------
    database : Database
        Where the tables lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, entries: Sequence[LedgerEntry]) -> list[Forecast]:
        """Record forecasts, and return what the ledger says of each.

        A forecast of the same series, `as_of` and model that was recorded before, by whomever,
        stays and is returned. The batch is one transaction: all of it is recorded or none.

        Parameters
        ----------
        entries : sequence of LedgerEntry of length n
            Of any series and models, in any order.

        Returns
        -------
        list of Forecast of length n
            As recorded, in the order of `entries`.

        Raises
        ------
        StaleDataError
            When one is made at its target time or later: nobody could have used it.
        UnknownSymbolError
            When one is of a symbol that is not stored.
        StorageError
            When the database does not answer, or does not know the model.
        """
        if not entries:
            return []
        with self._database.transaction() as cursor:
            numbers = _symbol_numbers(cursor, entries)
            wanted = [prediction_rows.key(entry, numbers) for entry in entries]
            stored = {key: row.entry for key, row in prediction_rows.by_key(cursor, wanted).items()}
            missing = {key: entry for key, entry in zip(wanted, entries, strict=True) if key not in stored}
            if missing:
                stored |= self._append(cursor, missing)
            return [stored[key].forecast for key in wanted]

    def newest(self, series: Sequence[Series]) -> dict[Series, Forecast]:
        """Return the recorded forecast with the newest `as_of` of each series that has one.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute("SELECT symbol, id FROM symbols")
            numbers = dict(cursor.fetchall())
            keys = [(numbers[one[0]], *one[1:]) for one in series if one[0] in numbers]
            rows = prediction_rows.newest(cursor, keys).values()
            return {row.entry.series: row.entry.forecast for row in rows}

    def find(
        self, symbol: str, timeframe: str, *, start: datetime, end: datetime, after_id: int = 0, limit: int = 1_000
    ) -> list[LedgerRow]:
        """Return recorded forecasts in the order of recording.

        Parameters
        ----------
        symbol, timeframe : str
            Which series; all horizons and models of it.
        start, end : datetime
            Bounds of the target time, both inclusive.
        after_id : int
            Id of the last row of the page before.
        limit : int
            Most rows.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        condition = "s.symbol = %s AND p.timeframe = %s AND p.target_time BETWEEN %s AND %s AND p.id > %s"
        with self._database.transaction() as cursor:
            return prediction_rows.select(
                cursor, f"{condition} ORDER BY p.id LIMIT %s", (symbol, timeframe, start, end, after_id, limit)
            )

    def chain(self, series: Series) -> tuple[list[LedgerRow], str]:
        """Return all rows of a series and the head of its chain, for `ledger.verify_chain`.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            # One snapshot for both, so that a row recorded in between is no break.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            condition = "s.symbol = %s AND p.timeframe = %s AND p.horizon = %s AND p.model_id = %s ORDER BY p.id"
            rows = prediction_rows.select(cursor, condition, series)
            cursor.execute(
                "SELECT row_hash FROM prediction_heads JOIN symbols s ON s.id = symbol_id "
                "WHERE (s.symbol, timeframe, horizon, model_id) = %s",
                (series,),
            )
            head = cursor.fetchone()
            return rows, GENESIS if head is None else str(head[0])

    def _append(
        self, cursor: Cursor, missing: dict[prediction_rows.Key, LedgerEntry]
    ) -> dict[prediction_rows.Key, LedgerEntry]:
        heads = _locked_heads(cursor, sorted({key[:4] for key in missing}))
        # Others may have recorded some of them while this one waited for the heads.
        known = {key: row.entry for key, row in prediction_rows.by_key(cursor, list(missing)).items()}
        rows = []
        for key, entry in sorted(missing.items(), key=lambda item: item[0]):
            if key not in known:
                previous = heads[key[:4]]
                heads[key[:4]] = row_hash(entry, previous)
                rows.append(prediction_rows.values(key, entry, (heads[key[:4]], previous)))
        if rows:
            try:
                execute_values(cursor, prediction_rows.INSERT, rows, page_size=len(rows))
            except CheckViolation as error:
                raise StaleDataError(_refusal(error, missing)) from error
            execute_values(cursor, _MOVE_HEADS, [(*key, head) for key, head in heads.items()], page_size=len(heads))
        return missing | known


def _symbol_numbers(cursor: Cursor, entries: Sequence[LedgerEntry]) -> dict[str, int]:
    cursor.execute("SELECT symbol, id FROM symbols")
    numbers = dict(cursor.fetchall())
    for entry in entries:
        if entry.forecast.symbol not in numbers:
            raise UnknownSymbolError(entry.forecast.symbol, numbers)
    return numbers


def _locked_heads(cursor: Cursor, keys: Sequence[HeadKey]) -> dict[HeadKey, str]:
    heads = _lock_heads(cursor, keys)
    if len(heads) < len(keys):
        execute_values(cursor, _MAKE_HEADS, [(*key, GENESIS) for key in keys if key not in heads], page_size=len(keys))
        heads = _lock_heads(cursor, keys)
    return heads


def _lock_heads(cursor: Cursor, keys: Sequence[HeadKey]) -> dict[HeadKey, str]:
    cursor.execute(_LOCK_HEADS, [list(part) for part in zip(*keys, strict=True)])
    return {(row[0], row[1], row[2], row[3]): row[4] for row in cursor.fetchall()}


def _refusal(error: CheckViolation, missing: dict[prediction_rows.Key, LedgerEntry]) -> str:
    late = [entry.forecast for entry in missing.values() if entry.forecast.made_at >= entry.forecast.target_time]
    if not late:
        return f"the ledger refused a forecast: {error.diag.message_primary}; nothing of the batch was recorded"
    first = late[0]
    return (
        f"forecast of {first.symbol} {first.timeframe} was made at {first.made_at:%Y-%m-%d %H:%M:%S}Z, not before "
        f"its target {first.target_time:%Y-%m-%d %H:%M:%S}Z; wait for newer candles"
    )
