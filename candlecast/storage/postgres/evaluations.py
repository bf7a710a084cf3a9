"""What did the evaluations measure? The table ``model_evaluations``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.json_column import json_value


@dataclass(frozen=True, slots=True)
class EvaluationRecord:
    """One evaluation of one recipe at one horizon.

    Parameters
    ----------
    timeframe : str
        Length of a candle.
    horizon : int
        Candles ahead.
    model_id : str or None
        The model whose recipe was judged; None: the defaults.
    evaluated_at : datetime
        Market time, aware UTC.
    report : dict
        From `candlecast.evaluation.full_report`, and the leak gates that were run.
    """

    timeframe: str
    horizon: int
    model_id: str | None
    evaluated_at: datetime
    report: dict[str, Any]


class EvaluationStore:
    """Rows of ``model_evaluations``.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, record: EvaluationRecord) -> int:
        """Store an evaluation and return its number.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        values = (record.timeframe, record.horizon, record.model_id, record.evaluated_at, json_value(record.report))
        with self._database.transaction() as cursor:
            cursor.execute(
                "INSERT INTO model_evaluations (timeframe, horizon, model_id, evaluated_at, report) "
                "VALUES (%s, %s, %s, %s, %s) RETURNING id",
                values,
            )
            row = cursor.fetchone()
        return int(row[0]) if row is not None else 0

    def newest(self, timeframe: str, horizon: int) -> EvaluationRecord | None:
        """Return the newest evaluation of `horizon` candles of `timeframe` ahead, or None.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(
                "SELECT timeframe, horizon, model_id, evaluated_at, report FROM model_evaluations "
                "WHERE timeframe = %s AND horizon = %s ORDER BY evaluated_at DESC, id DESC LIMIT 1",
                (timeframe, horizon),
            )
            row = cursor.fetchone()
        return None if row is None else EvaluationRecord(*row)
