"""Which models are there, and in what state? The newest of the registry with all that is known of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from candlecast.errors import CandlecastError
from candlecast.schemas import ModelDetail, ModelSummary, Readiness

SHOWN = 20

Standing = Literal["champion", "challenger", "candidate", "retired", "pruned"]

MEANING: dict[Standing, str] = {
    "champion": "serves now",
    "challenger": "trained after the champion: forecasts unseen beside it, and takes over once it is surely better",
    "candidate": "trained before the champion, never promoted",
    "retired": "served before; a rollback lets it serve again",
    "pruned": "its files were deleted: it cannot be promoted any more",
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """The newest models, and how the service that they serve is.

    Parameters
    ----------
    models : list of ModelDetail or CandlecastError
        Newest first, or why they are not known.
    readiness : Readiness or CandlecastError
        With the checks that watch for drift.
    more : bool
        Whether there are older ones.
    """

    models: list[ModelDetail] | CandlecastError
    readiness: Readiness | CandlecastError
    more: bool = False

    def known(self) -> list[ModelDetail]:
        """Return the models, none while they are not known."""
        return [] if isinstance(self.models, CandlecastError) else self.models

    def find(self, model_id: str | None) -> ModelDetail | None:
        """Return one of the models."""
        return next((model for model in self.known() if model.id == model_id), None)

    def champion(self) -> ModelDetail | None:
        """Return the champion that was promoted last."""
        found = [model for model in self.known() if model.status == "champion"]
        return max(found, key=lambda model: model.promoted_at or model.trained_at, default=None)


def standing(model: ModelSummary, among: Sequence[ModelSummary]) -> Standing:
    """Return what a model is to the others of its timeframe and horizon."""
    if model.pruned:
        return "pruned"
    if model.status != "candidate":
        return model.status
    champions = [one for one in among if one.status == "champion" and _scope(one) == _scope(model)]
    after = any(model.trained_at > champion.trained_at for champion in champions)
    return "challenger" if after else "candidate"


def _scope(model: ModelSummary) -> tuple[str, int]:
    return model.timeframe, model.horizon
