"""Which models forecast now? Loads the promoted ones and their challengers, and swaps them all at once."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

import numpy as np
import structlog

from candlecast.errors import ModelIntegrityError, StorageError
from candlecast.models.artefacts import load_model
from candlecast.models.direction import DirectionModel
from candlecast.registry import Registry, Standing, not_promoted
from candlecast.storage.postgres.models import ModelRecord

MAX_SHADOWS = 2
_CHECK_INTERVAL_S = 1.0
# a model that cannot be loaded is not tried at every check
_RETRY_S = 30.0

Scope = tuple[str, int]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Champion:
    """A model that forecasts, loaded; `base_log_odds` are its log odds of up before any feature counts."""

    id: str
    algorithm: str
    trained_at: datetime
    model: DirectionModel
    base_log_odds: float | None = None


@dataclass(frozen=True, slots=True)
class _Loaded:
    """Everything that was loaded at one moment; replaced as a whole, never changed."""

    champions: Mapping[Scope, Champion] = field(default_factory=dict)
    shadows: Mapping[Scope, tuple[Champion, ...]] = field(default_factory=dict)
    faults: Mapping[Scope, ModelIntegrityError] = field(default_factory=dict)


class Champions:
    """The promoted model of each timeframe and horizon, and those that forecast unseen beside it.

    May be used by many threads. The registry is asked at most once a wall second, by one caller; the
    others go on with what is loaded, and so does everybody while the database or a new model's files
    are broken.

    Parameters
    ----------
    registry : Registry
        Where promotions are recorded.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._loaded: _Loaded | None = None
        self._checked_s = 0.0
        self._failed: dict[str, tuple[float, ModelIntegrityError]] = {}
        self._reloading = Lock()

    def get(self, timeframe: str, horizon: int) -> Champion:
        """Return the promoted model.

        Raises
        ------
        ModelNotReadyError
            When none is promoted.
        ModelIntegrityError
            When it cannot be loaded, and no other was before.
        StorageError
            When nothing is loaded yet and the database does not answer.
        """
        loaded, scope = self._current(), (timeframe, horizon)
        if scope in loaded.champions:
            return loaded.champions[scope]
        raise loaded.faults.get(scope) or not_promoted(timeframe, horizon)

    def shadows(self, timeframe: str, horizon: int) -> tuple[Champion, ...]:
        """Return the newest challengers, at most `MAX_SHADOWS`, the newest first; StorageError as of `get`."""
        return self._current().shadows.get((timeframe, horizon), ())

    def served(self, timeframe: str) -> tuple[int, ...]:
        """Return the horizons that have a champion, ascending; StorageError as of `get`."""
        return tuple(sorted(horizon for name, horizon in self._current().champions if name == timeframe))

    def reload(self) -> None:
        """Load and check what stands now, then swap all of it at once; who is forecasting keeps what he has.

        Raises
        ------
        StorageError
            When the database does not answer: what is loaded stays.
        """
        with self._reloading:
            self._failed.clear()
            self._load()

    def _current(self) -> _Loaded:
        if self._is_due() and self._reloading.acquire(blocking=self._loaded is None):
            try:
                if self._is_due():
                    self._check()
            finally:
                self._reloading.release()
        assert self._loaded is not None
        return self._loaded

    def _is_due(self) -> bool:
        return self._loaded is None or time.monotonic() - self._checked_s >= _CHECK_INTERVAL_S

    def _check(self) -> None:
        try:
            self._load()
        except StorageError:
            if self._loaded is None:
                raise
            # while the database is down nobody promotes
            self._checked_s = time.monotonic()

    def _load(self) -> None:
        known = self._loaded or _Loaded()
        ready = {one.id: one for one in (*known.champions.values(), *sum(known.shadows.values(), ()))}
        champions, shadows, faults = {}, {}, {}
        for scope, standing in self._registry.standing().items():
            try:
                champions[scope] = self._open(standing.champion, ready)
            except ModelIntegrityError as error:
                faults[scope] = error
                if scope in known.champions:
                    champions[scope] = known.champions[scope]
            shadows[scope] = self._open_challengers(standing, ready)
        self._loaded = _Loaded(champions, shadows, faults)
        self._checked_s = time.monotonic()

    def _open_challengers(self, standing: Standing, ready: Mapping[str, Champion]) -> tuple[Champion, ...]:
        found: list[Champion] = []
        for record in standing.challengers:
            if len(found) == MAX_SHADOWS:
                break
            try:
                found.append(self._open(record, ready))
            except ModelIntegrityError:
                continue
        return tuple(found)

    def _open(self, record: ModelRecord, ready: Mapping[str, Champion]) -> Champion:
        if record.id in ready:
            return ready[record.id]
        at_s, failure = self._failed.get(record.id, (0.0, None))
        if failure is not None and time.monotonic() - at_s < _RETRY_S:
            raise failure
        try:
            model = load_model(self._registry.artefact(record), sha256=record.sha256)
            base_log_odds = _checked_base(model, model_id=record.id)
        except ModelIntegrityError as error:
            self._failed[record.id] = time.monotonic(), error
            log.warning("model not loaded", model=record.id, status=record.status, reason=str(error))
            raise
        return Champion(record.id, record.algorithm, record.trained_at, model, base_log_odds)


def _checked_base(model: DirectionModel, *, model_id: str) -> float | None:
    row = np.zeros((1, len(model.facts.feature_names)))
    p_up, pushes = model.p_up(row), model.contributions(row)
    if not all(np.isfinite(figure).all() for figure in (p_up, model.spans(row), pushes)):
        raise ModelIntegrityError(
            f"model {model_id!r} answers a row of zeros with what is not finite; train again or promote another"
        )
    if not 0.0 < p_up[0] < 1.0:
        return None
    return float(np.log(p_up[0] / (1.0 - p_up[0])) - pushes.sum())
