"""Which model answers now? Loads each promoted model once and notices when another is promoted."""

import time
from dataclasses import dataclass
from datetime import datetime

from candlecast.models.artefacts import load_model
from candlecast.models.direction import DirectionModel
from candlecast.registry import Registry

_CHECK_INTERVAL_S = 1.0


@dataclass(frozen=True, slots=True)
class Champion:
    """A promoted model, loaded."""

    id: str
    algorithm: str
    trained_at: datetime
    model: DirectionModel


class Champions:
    """The promoted model of each timeframe and horizon.

    Parameters
    ----------
    registry : Registry
        Where promotions are recorded; asked at most once per wall second for each pair.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
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
        record = self._registry.champion(timeframe, horizon)
        if key not in self._loaded or self._loaded[key].id != record.id:
            model = load_model(self._registry.artefact(record), sha256=record.sha256)
            self._loaded[key] = Champion(record.id, record.algorithm, record.trained_at, model)
        self._checked_s[key] = time.monotonic()
        return self._loaded[key]
