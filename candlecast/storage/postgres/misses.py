"""Which forecasts were never made, and why? The honest gaps of the ledger: appended to, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg2.extras import execute_values

from candlecast.storage.postgres.database import Database

_ADD = """
INSERT INTO forecast_misses (symbol_id, timeframe, horizon, model_id, as_of, target_time, noticed_at, cause)
VALUES %s ON CONFLICT DO NOTHING
"""
_PAGE_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Miss:
    """A forecast that should have been made from the candle that closed at `as_of`, and was not.

    Parameters
    ----------
    symbol_id, timeframe, horizon, model_id
        Whose forecast.
    as_of, target_time : datetime
        Close it would have been made from, and close it would have been about; aware UTC.
    noticed_at : datetime
        Market time, aware UTC.
    cause : str
        Why it was not made, for people.
    """

    symbol_id: int
    timeframe: str
    horizon: int
    model_id: str
    as_of: datetime
    target_time: datetime
    noticed_at: datetime
    cause: str


class MissStore:
    """The table ``forecast_misses``.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, misses: Sequence[Miss]) -> None:
        """Record misses; one that is recorded already stays as it is.

        Raises
        ------
        StorageError
            When the database does not answer, or does not know a symbol or a model.
        """
        if not misses:
            return
        rows = [
            (m.symbol_id, m.timeframe, m.horizon, m.model_id, m.as_of, m.target_time, m.noticed_at, m.cause)
            for m in misses
        ]
        with self._database.transaction() as cursor:
            execute_values(cursor, _ADD, rows, page_size=_PAGE_ROWS)
