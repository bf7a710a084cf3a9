"""Which model answers now? Loads each promoted model once and notices when another is promoted."""

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from candlecast.errors import ModelNotReadyError
from candlecast.models.artefacts import DirectionModel, load_model
from candlecast.storage.postgres.models import ModelRecord, ModelStore

_CHECK_INTERVAL_S = 1.0


@dataclass(frozen=True, slots=True)
class Champion:
    """A promoted model, loaded."""

    id: str
    trained_at: datetime
    model: DirectionModel


class Champions:
    """The promoted model of each timeframe and horizon.

    Parameters
    ----------
    store : ModelStore
        Where promotions are recorded; asked at most once per wall second for each pair.
    """

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._loaded: dict[tuple[str, int], Champion] = {}
        self._checked_s: dict[tuple[str, int], float] = {}

    def get(self, timeframe: str, horizon: int) -> Champion:
        """Return the promoted model, loading it when it changed.

        Raises
        ------
        ModelNotReadyError
            When none is promoted.
        ModelIntegrityError
            When its files differ from the recorded digest.
        """
        key = (timeframe, horizon)
        if key in self._loaded and time.monotonic() - self._checked_s[key] < _CHECK_INTERVAL_S:
            return self._loaded[key]
        record = self._store.champion(timeframe, horizon)
        if record is None:
            raise ModelNotReadyError(
                f"no model is promoted for timeframe {timeframe} and horizon {horizon}; train one with "
                f"`candlecast train --timeframe {timeframe} --horizon {horizon}`"
            )
        if key not in self._loaded or self._loaded[key].id != record.id:
            self._loaded[key] = _load(record)
        self._checked_s[key] = time.monotonic()
        return self._loaded[key]


def _load(record: ModelRecord) -> Champion:
    model = load_model(Path(record.artefact_path), sha256=record.sha256)
    return Champion(id=record.id, trained_at=record.trained_at, model=model)
