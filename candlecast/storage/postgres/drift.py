"""What drifts, and since when? The table ``drift_states``."""

from collections.abc import Sequence
from datetime import datetime

from psycopg2.extras import execute_values

from candlecast.record.alarms import DriftState
from candlecast.storage.postgres.database import Database

_COLUMNS = "timeframe, horizon, model_id, kind, alarm, since, checked_at, detail"
_SELECT = f"""
SELECT {", ".join(f"d.{name}" for name in _COLUMNS.split(", "))}
FROM drift_states d JOIN model_metadata m ON m.id = d.model_id AND m.status = 'champion'
WHERE d.timeframe = %s ORDER BY d.horizon, d.kind
"""
_UPSERT = f"""
INSERT INTO drift_states ({_COLUMNS}) VALUES %s
ON CONFLICT (timeframe, horizon, model_id, kind) DO UPDATE
    SET (alarm, since, checked_at, detail) = (excluded.alarm, excluded.since, excluded.checked_at, excluded.detail)
"""
_END = f"""
UPDATE drift_states d SET alarm = false, since = %(at)s, checked_at = %(at)s, detail = 'the model serves no more'
FROM model_metadata m WHERE m.id = d.model_id AND m.status <> 'champion' AND d.timeframe = %(timeframe)s AND d.alarm
RETURNING {", ".join(f"d.{name}" for name in _COLUMNS.split(", "))}
"""


class DriftStore:
    """Rows of ``drift_states``.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def states(self, timeframe: str) -> list[DriftState]:
        """Return what is known of the models that serve a timeframe, by horizon and kind.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_SELECT, (timeframe,))
            return [DriftState(*row) for row in cursor.fetchall()]

    def keep(self, states: Sequence[DriftState]) -> None:
        """Store what was found, in place of what was known of the same.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        if not states:
            return
        rows = [tuple(getattr(one, name) for name in _COLUMNS.split(", ")) for one in states]
        with self._database.transaction() as cursor:
            execute_values(cursor, _UPSERT, rows, page_size=len(rows))

    def end_former(self, timeframe: str, *, at: datetime) -> list[DriftState]:
        """End the alarms of models that serve a timeframe no more, and return what they are now.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_END, {"timeframe": timeframe, "at": at})
            return [DriftState(*row) for row in cursor.fetchall()]
