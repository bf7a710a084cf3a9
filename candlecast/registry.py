"""Which model serves, and where does its artefact lie? Rows in the database, files in one folder."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from candlecast.clock import wall_s
from candlecast.errors import InvalidRequestError, ModelIntegrityError, ModelNotReadyError
from candlecast.models.digests import read_artefact
from candlecast.storage.postgres.models import ModelRecord, ModelStore

KEPT_FORMER = 3
KEPT_DAYS = 30
_LEFT_OVER_S = 86_400.0
_LEFT_OVER = (".draft-*", ".gone-*", ".training/*")


@dataclass(frozen=True, slots=True)
class Standing:
    """Who answers for a timeframe and horizon, and who forecasts unseen beside it, the newest first."""

    champion: ModelRecord
    challengers: tuple[ModelRecord, ...]


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
        """Store a trained model as a candidate; one that is known already stays as it is.

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
            When the database does not answer.
        """
        path = (self._folder / record.artefact_path).resolve()
        if not self._holds(path) or not path.exists():
            raise InvalidRequestError(
                f"artefact of model {record.id!r} must lie in {self._folder}, was {path}; save it there first"
            )
        relative = str(path.relative_to(self._folder.resolve()))
        return self._store.insert(replace(record, artefact_path=relative, status="candidate", promoted_at=None))

    def promote(self, model_id: str, *, promoted_at: datetime) -> ModelRecord:
        """Make a model the champion of its timeframe and horizon, see `ModelStore.promote`.

        Raises
        ------
        ModelIntegrityError
            When its files are missing or differ from their digests: what serves goes on serving.
        """
        record = self._store.get(model_id)
        if record is not None and not record.pruned:
            read_artefact(self.artefact(record), digest=record.sha256)
        return self._store.promote(model_id, promoted_at=promoted_at)

    def roll_back(self, timeframe: str, horizon: int) -> ModelRecord:
        """Let the model serve again that was promoted before the present one; again, and the one before that.

        It keeps its time of promotion, so that the model it replaces counts as later and is not
        come back to; `promote` does that.

        Raises
        ------
        ModelNotReadyError
            When there was none whose files are kept.
        ModelIntegrityError
            When its files are missing or differ from their digests.
        """
        present = self.champion(timeframe, horizon)
        former = [
            record for record in _former(self._store.list(timeframe, horizon)) if _promoted(record) < _promoted(present)
        ]
        if not former:
            raise ModelNotReadyError(
                f"no champion of {timeframe}, horizon {horizon}, before {present.id} is kept; "
                "promote another with `candlecast models promote`, or train one"
            )
        return self.promote(former[0].id, promoted_at=_promoted(former[0]))

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
            raise not_promoted(timeframe, horizon)
        return record

    def standing(self) -> dict[tuple[str, int], Standing]:
        """Return who stands for each timeframe and horizon that has a champion.

        Challengers are the candidates that were trained after the champion.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        records = self._store.standing()
        champions = {_scope(record): record for record in records if record.status == "champion"}
        return {
            scope: Standing(champion, tuple(one for one in records if _challenges(one, champion)))
            for scope, champion in champions.items()
        }

    def artefact(self, record: ModelRecord) -> Path:
        """Return the absolute path of a model's artefact.

        Raises
        ------
        ModelIntegrityError
            When it is not there any more, or lies outside of the folder.
        """
        path = self._folder / record.artefact_path
        if record.pruned or not path.exists():
            raise ModelIntegrityError(f"artefact {path} of model {record.id!r} is missing; train again or restore it")
        if not self._holds(path):
            raise ModelIntegrityError(
                f"artefact {path} of model {record.id!r} lies outside of {self._folder}; train again"
            )
        return path

    def prune(self, *, now: datetime) -> list[str]:
        """Delete the files of models that nobody will ask for, and return their ids.

        Of each timeframe and horizon stay the champion, the `KEPT_FORMER` promoted before it, and
        all that was trained in the last `KEPT_DAYS` days. What is known of the others stays in the
        database. What a training left that was killed a day ago goes too.

        Parameters
        ----------
        now : datetime
            Market time.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        records = sorted(self._store.list(), key=_scope)
        kept = {record.id for _, part in groupby(records, key=_scope) for record in _kept(list(part), now=now)}
        gone = [record for record in records if record.id not in kept and not record.pruned]
        withdrawn = [record for record in gone if self._store.withdraw(record.id)]
        used = {record.artefact_path for record in self._store.list()}
        for path in {self._folder / name for name in {record.artefact_path for record in withdrawn} - used}:
            if self._holds(path):
                _delete(path)
        for left_over in [path for pattern in _LEFT_OVER for path in self._folder.glob(pattern)]:
            if wall_s() - left_over.stat().st_mtime > _LEFT_OVER_S:
                shutil.rmtree(left_over, ignore_errors=True)
        return [record.id for record in withdrawn]

    def _holds(self, path: Path) -> bool:
        # whoever can write rows of the database shall not reach other files by them
        folder = self._folder.resolve()
        return path.resolve() != folder and path.resolve().is_relative_to(folder)


def not_promoted(timeframe: str, horizon: int) -> ModelNotReadyError:
    """Return the error that says that no model is promoted, and what to do."""
    return ModelNotReadyError(f"no model of {timeframe}, horizon {horizon}, is promoted yet; run `candlecast train`")


def _challenges(record: ModelRecord, champion: ModelRecord) -> bool:
    return record.status == "candidate" and _scope(record) == _scope(champion)


def _kept(records: Sequence[ModelRecord], *, now: datetime) -> list[ModelRecord]:
    since = now - timedelta(days=KEPT_DAYS)
    young = [record for record in records if record.trained_at >= since or record.status == "champion"]
    return young + _former(records)[:KEPT_FORMER]


def _former(records: Sequence[ModelRecord]) -> list[ModelRecord]:
    """Return the champions of earlier times whose files are kept, the latest first."""
    former = [record for record in records if record.status == "retired" and record.promoted_at and not record.pruned]
    return sorted(former, key=_promoted, reverse=True)


def _promoted(record: ModelRecord) -> datetime:
    return record.promoted_at or record.trained_at


def _scope(record: ModelRecord) -> tuple[str, int]:
    return record.timeframe, record.horizon


def _delete(path: Path) -> None:
    # away under another name first, so that no half-deleted model is ever found
    gone = path.with_name(f".gone-{path.name}")
    if path.exists():
        path.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
