"""Is the world still the one that the model learned from? What drift looks like to those who are told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from candlecast.schemas import Check

DriftKind = Literal["loss", "features", "coverage"]


@dataclass(frozen=True, slots=True)
class DriftState:
    """One thing that may drift, of one model.

    Parameters
    ----------
    timeframe, horizon, model_id
        Of the model.
    kind : str
        ``loss``: log loss of its forecasts (ADWIN); ``features``: what it reads (PSI); ``coverage``:
        how often its intervals hold.
    alarm : bool
        Whether it drifts.
    since : datetime
        Market time since when that is so.
    checked_at : datetime
        Market time of the newest look.
    detail : str
        What was found, on one line.
    """

    timeframe: str
    horizon: int
    model_id: str
    kind: DriftKind
    alarm: bool
    since: datetime
    checked_at: datetime
    detail: str

    @property
    def event(self) -> dict[str, Any]:
        """Return what listeners to ``drift`` are told."""
        return {
            "timeframe": self.timeframe,
            "horizon": self.horizon,
            "model_id": self.model_id,
            "kind": self.kind,
            "alarm": self.alarm,
            "since": self.since.isoformat(),
            "detail": self.detail,
        }


def drift_check(states: Sequence[DriftState]) -> Check:
    """Return how the models that serve hold up, as one line of ``/readyz``; drift does not make it unready."""
    alarms = [one for one in states if one.alarm]
    if alarms:
        said = [f"{one.kind} of {one.timeframe} h={one.horizon} since {one.since:%Y-%m-%d %H:%M}Z" for one in alarms]
        return Check(name="drift", ok=False, detail=f"{'; '.join(said)}: {alarms[0].detail}")
    if not states:
        return Check(name="drift", ok=True, detail="no forecast has settled yet")
    return Check(name="drift", ok=True, detail=f"none seen in {len(states)} looks at loss, features and coverage")
