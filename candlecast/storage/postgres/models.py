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
    relative to the registry's folder, empty once the files were pruned; `sha256` is the digest of
    the artefact in hexadecimal.
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

    @property
    def pruned(self) -> bool:
        """Return whether its files were deleted; what is known of it stays."""
        return not self.artefact_path


ModelRecords = list[ModelRecord]

_NAMES = [field.name for field in fields(ModelRecord)]
_COLUMNS = ", ".join(_NAMES)
_INSERT = (
    f"INSERT INTO model_metadata AS known ({_COLUMNS}) VALUES ({', '.join(['%s'] * len(_NAMES))}) "
    "ON CONFLICT (id) DO UPDATE SET artefact_path = EXCLUDED.artefact_path WHERE known.sha256 = EXCLUDED.sha256 "
    f"RETURNING {_COLUMNS}"
)
_STANDING = (
    "status = 'champion' OR (status = 'candidate' AND artefact_path <> '' AND trained_at > ("
    "SELECT champion.trained_at FROM model_metadata champion WHERE champion.status = 'champion' "
    "AND champion.timeframe = model_metadata.timeframe AND champion.horizon = model_metadata.horizon))"
)
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('promote ' || %s), %s)"


class ModelStore:
    """Rows of ``model_metadata``.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, record: ModelRecord) -> ModelRecord:
        """Store a new model and return it; one that is known stays as it is, its files found again.

        Raises
        ------
        InvalidRequestError
            When that id is known with another digest.
        StorageError
            When the database does not answer.
        """
        values = [getattr(record, name) for name in _NAMES]
        with self._database.transaction() as cursor:
            cursor.execute(_INSERT, [json_value(value) if isinstance(value, dict) else value for value in values])
            stored = _records(cursor)
        if not stored:
            raise InvalidRequestError(f"model {record.id!r} is stored with another SHA-256 already; give another id")
        return stored[0]

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

    def standing(self) -> ModelRecords:
        """Return every champion, and the candidates with files that were trained after theirs, the newest first."""
        return self._select(_STANDING, [])

    def champion_ids(self) -> dict[tuple[str, int], str]:
        """Return the id of the champion of each timeframe and horizon that has one."""
        with self._database.transaction() as cursor:
            cursor.execute("SELECT timeframe, horizon, id FROM model_metadata WHERE status = 'champion'")
            return {(timeframe, horizon): model_id for timeframe, horizon, model_id in cursor.fetchall()}

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
            When no such model is stored, or its files were pruned.
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            scope = _lock_scope(cursor, model_id)
            cursor.execute("SELECT artefact_path FROM model_metadata WHERE id = %s", (model_id,))
            if cursor.fetchone() == ("",):
                raise InvalidRequestError(f"the files of model {model_id!r} were pruned; train it again")
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

    def withdraw(self, model_id: str) -> bool:
        """Note that the files of a model are deleted; False where it serves, so that they must not be.

        Raises
        ------
        InvalidRequestError
            When no such model is stored.
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            _lock_scope(cursor, model_id)
            cursor.execute(
                "UPDATE model_metadata SET artefact_path = '' WHERE id = %s AND status <> 'champion'", (model_id,)
            )
            return bool(cursor.rowcount == 1)

    def _select(self, condition: str, parameters: Sequence[object]) -> ModelRecords:
        with self._database.transaction() as cursor:
            cursor.execute(
                f"SELECT {_COLUMNS} FROM model_metadata WHERE {condition} ORDER BY trained_at DESC, id",
                tuple(parameters),
            )
            return _records(cursor)


def _lock_scope(cursor: Cursor, model_id: str) -> tuple[str, int]:
    # promotions and prunings of one timeframe and horizon wait for each other
    cursor.execute("SELECT timeframe, horizon FROM model_metadata WHERE id = %s", (model_id,))
    scope: tuple[str, int] | None = cursor.fetchone()
    if scope is None:
        raise InvalidRequestError(f"model {model_id!r} is not stored; see `candlecast models list`")
    cursor.execute(_LOCK, scope)
    return scope


def _records(cursor: Cursor) -> ModelRecords:
    return [ModelRecord(*row) for row in cursor.fetchall()]
