"""Which models were trained, and which one serves? The table ``model_metadata``."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from psycopg2.extensions import cursor as Cursor

from candlecast.errors import InvalidRequestError
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.json_column import json_value

ModelStatus = Literal["candidate", "champion", "retired"]


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One trained model, as the registry knows it.

    `metrics` and `params` hold what JSON can hold; NaN is stored as null. `artefact_path` is
    relative to the registry's folder, `sha256` the digest of the artefact in hexadecimal.
    """

    id: str
    symbols: list[str]
    timeframe: str
    horizon: int
    algorithm: str
    features: list[str]
    metrics: dict[str, Any]
    params: dict[str, Any]
    data_start: datetime
    data_end: datetime
    artefact_path: str
    sha256: str
    trained_at: datetime
    status: ModelStatus = "candidate"
    promoted_at: datetime | None = None


ModelRecords = list[ModelRecord]

_NAMES = [field.name for field in fields(ModelRecord)]
_COLUMNS = ", ".join(_NAMES)
_INSERT = f"INSERT INTO model_metadata ({_COLUMNS}) VALUES ({', '.join(['%s'] * len(_NAMES))})"


class ModelStore:
    """Rows of ``model_metadata``.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, record: ModelRecord) -> None:
        """Store a new model.

        Raises
        ------
        StorageError
            When the database does not answer, or knows that id already.
        """
        values = [getattr(record, name) for name in _NAMES]
        with self._database.transaction() as cursor:
            cursor.execute(_INSERT, [json_value(value) if isinstance(value, dict) else value for value in values])

    def get(self, model_id: str) -> ModelRecord | None:
        """Return the model with `model_id`, or None."""
        return next(iter(self._select("id = %s", [model_id])), None)

    def champion(self, timeframe: str, horizon: int) -> ModelRecord | None:
        """Return the model that serves `horizon` candles of `timeframe` ahead, or None."""
        condition = "timeframe = %s AND horizon = %s AND status = 'champion'"
        return next(iter(self._select(condition, [timeframe, horizon])), None)

    def list(self, timeframe: str | None = None, horizon: int | None = None) -> ModelRecords:
        """Return models, the newest first; None stands for any timeframe or horizon."""
        condition = "timeframe = coalesce(%s, timeframe) AND horizon = coalesce(%s, horizon)"
        return self._select(condition, [timeframe, horizon])

    def promote(self, model_id: str, *, promoted_at: datetime) -> ModelRecord:
        """Make a model the champion of its timeframe and horizon; the one before retires.

        One transaction: at every moment there is exactly one champion, whoever else promotes.

        Parameters
        ----------
        model_id : str
            Which model.
        promoted_at : datetime
            Market time of the promotion.

        Returns
        -------
        ModelRecord
            The champion.

        Raises
        ------
        InvalidRequestError
            When no such model is stored.
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute("SELECT timeframe, horizon FROM model_metadata WHERE id = %s", (model_id,))
            scope = cursor.fetchone()
            if scope is None:
                raise InvalidRequestError(f"model {model_id!r} is not stored; see `candlecast models list`")
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('promote ' || %s), %s)", scope)
            cursor.execute(
                "UPDATE model_metadata SET status = 'retired' "
                "WHERE timeframe = %s AND horizon = %s AND status = 'champion' AND id <> %s",
                (*scope, model_id),
            )
            cursor.execute(
                f"UPDATE model_metadata SET status = 'champion', promoted_at = %s WHERE id = %s RETURNING {_COLUMNS}",
                (promoted_at, model_id),
            )
            return _records(cursor)[0]

    def _select(self, condition: str, parameters: Sequence[object]) -> ModelRecords:
        with self._database.transaction() as cursor:
            cursor.execute(
                f"SELECT {_COLUMNS} FROM model_metadata WHERE {condition} ORDER BY trained_at DESC, id",
                tuple(parameters),
            )
            return _records(cursor)


def _records(cursor: Cursor) -> ModelRecords:
    return [ModelRecord(*row) for row in cursor.fetchall()]
