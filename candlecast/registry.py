"""Which model serves, and where does its artefact lie? Rows in the database, files in one folder."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from candlecast.errors import InvalidRequestError, ModelIntegrityError, ModelNotReadyError
from candlecast.storage.postgres.models import ModelRecord, ModelStore


class Registry:
    """Models of one database and one folder of artefacts.

    Loading is up to the caller: ``load_model(registry.artefact(record), sha256=record.sha256)``.

    Parameters
    ----------
    store : ModelStore
        Their rows.
    folder : Path
        Holds their artefacts; may move, because rows keep paths relative to it.
    """

    def __init__(self, store: ModelStore, folder: Path) -> None:
        self._store = store
        self._folder = folder.absolute()

    def register(self, record: ModelRecord) -> ModelRecord:
        """Store a trained model as a candidate.

        Parameters
        ----------
        record : ModelRecord
            Its artefact path is absolute, or relative to the folder of the registry.

        Returns
        -------
        ModelRecord
            As stored.

        Raises
        ------
        InvalidRequestError
            When the artefact lies outside the folder, or is not there.
        StorageError
            When the database does not answer, or knows that id already.
        """
        path = (self._folder / record.artefact_path).resolve()
        if not path.is_relative_to(self._folder.resolve()) or not path.exists():
            raise InvalidRequestError(
                f"artefact of model {record.id!r} must lie in {self._folder}, was {path}; save it there first"
            )
        relative = str(path.relative_to(self._folder.resolve()))
        stored = replace(record, artefact_path=relative, status="candidate", promoted_at=None)
        self._store.insert(stored)
        return stored

    def promote(self, model_id: str, *, promoted_at: datetime) -> ModelRecord:
        """Make a model the champion of its timeframe and horizon, see `ModelStore.promote`."""
        return self._store.promote(model_id, promoted_at=promoted_at)

    def roll_back(self, timeframe: str, horizon: int, *, promoted_at: datetime) -> ModelRecord:
        """Promote the champion before the present one.

        Raises
        ------
        ModelNotReadyError
            When there was none.
        """
        retired = [r for r in self._store.list(timeframe, horizon) if r.status == "retired" and r.promoted_at]
        if not retired:
            raise ModelNotReadyError(f"no earlier champion of {timeframe}, horizon {horizon}, to go back to; train one")
        last = max(retired, key=lambda record: record.promoted_at or record.trained_at)
        return self._store.promote(last.id, promoted_at=promoted_at)

    def champion(self, timeframe: str, horizon: int) -> ModelRecord:
        """Return the model that serves.

        Raises
        ------
        ModelNotReadyError
            When none was promoted yet.
        StorageError
            When the database does not answer.
        """
        record = self._store.champion(timeframe, horizon)
        if record is None:
            raise ModelNotReadyError(
                f"no model of {timeframe}, horizon {horizon}, is promoted yet; run `candlecast train`"
            )
        return record

    def artefact(self, record: ModelRecord) -> Path:
        """Return the absolute path of a model's artefact.

        Raises
        ------
        ModelIntegrityError
            When it is not there any more.
        """
        path = self._folder / record.artefact_path
        if not path.exists():
            raise ModelIntegrityError(f"artefact {path} of model {record.id!r} is missing; train again or restore it")
        return path
