"""What must be looked at to check the record? Its chains, a sample of its rows, its summary counted again."""

from datetime import date, datetime

from candlecast.forecasts.ledger import LedgerRow, Series
from candlecast.storage.postgres import prediction_rows
from candlecast.storage.postgres.database import Database

_SERIES = """
SELECT DISTINCT s.symbol, timeframe, horizon, model_id FROM (
    SELECT symbol_id, timeframe, horizon, model_id FROM prediction_heads
    UNION SELECT symbol_id, timeframe, horizon, model_id FROM predictions_table
) known JOIN symbols s ON s.id = symbol_id ORDER BY 1, 2, 3, 4
"""
_EVERY = """
SELECT id FROM (
    SELECT id, row_number() OVER (ORDER BY as_of, id) - 1 AS place
    FROM predictions_table WHERE as_of >= %s AND as_of < %s
) numbered WHERE place %% %s = 0
"""
_DISAGREEMENTS = """
WITH counted AS (
    SELECT symbol_id, timeframe, horizon, model_id, (as_of AT TIME ZONE 'UTC')::date AS day, count(*) AS n
    FROM outcomes_table JOIN predictions_table p ON p.id = prediction_id GROUP BY 1, 2, 3, 4, 5
)
SELECT s.symbol, timeframe, horizon, model_id, day, coalesce(t.n + t.n_unsettled, 0), coalesce(counted.n, 0)
FROM counted FULL JOIN track_record_days t USING (symbol_id, timeframe, horizon, model_id, day)
JOIN symbols s ON s.id = symbol_id
WHERE coalesce(counted.n, 0) <> coalesce(t.n + t.n_unsettled, 0) ORDER BY 1, 2, 3, 4, 5
"""


class AuditStore:
    """The tables of the record, read by whoever checks them.

    Parameters
    ----------
    database : Database
        Where the tables lie.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def series(self) -> list[Series]:
        """Return everything that has a chain of its own: symbol, timeframe, horizon and model, ascending.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_SERIES)
            return [(row[0], row[1], row[2], row[3]) for row in cursor.fetchall()]

    def sample(self, start: datetime, end: datetime, *, limit: int) -> tuple[list[LedgerRow], int]:
        """Return rows of the ledger with `as_of` in ``[start, end)``, by `as_of` and id, and how many there are.

        Where there are more than `limit`, every k-th one is returned.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute("SELECT count(*) FROM predictions_table WHERE as_of >= %s AND as_of < %s", (start, end))
            n = int((cursor.fetchone() or (0,))[0])
            step = max(1, -(-n // limit))
            rows = prediction_rows.select(cursor, f"p.id IN ({_EVERY}) ORDER BY p.as_of, p.id", (start, end, step))
        return rows, n

    def disagreements(self) -> list[tuple[Series, date, int, int]]:
        """Return the series and days of which the summary counts another number of outcomes than there are.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_DISAGREEMENTS)
            return [((row[0], row[1], row[2], row[3]), row[4], row[5], row[6]) for row in cursor.fetchall()]
