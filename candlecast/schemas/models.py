"""Trained models, the jobs that train them, and sessions of the page, on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from candlecast.schemas.base import WireModel
from candlecast.schemas.tables import Tabular

ModelState = Literal["candidate", "champion", "retired"]
Algorithm = Literal["xgboost", "random_forest", "logistic", "naive"]
SymbolName = Annotated[str, Field(min_length=1, max_length=40)]
Timeframe = Literal["1m", "5m", "15m", "1h", "4h", "1d"]
Horizon = Annotated[int, Field(ge=1, le=96, description="candles ahead")]


class ModelSummary(WireModel):
    """One trained model, as lists show it."""

    id: str
    status: ModelState
    timeframe: str
    horizon: int
    algorithm: str
    symbols: list[str]
    trained_at: datetime = Field(description="market time")
    promoted_at: datetime | None = Field(description="market time of its last promotion")
    pruned: bool = Field(description="its files were deleted: it cannot be promoted any more")


class ModelOrigin(WireModel):
    """What a model was made from."""

    data_digest: str = Field(description="SHA-256 over all candles of its training")
    n_candles: int
    code_commit: str = Field(description="commit of the code that trained it, or unknown")


class ModelDetail(ModelSummary):
    """All that the registry knows of one model."""

    features: list[str]
    metrics: dict[str, Any] = Field(description="out of sample, each with its interval and its baselines")
    importance: dict[str, dict[str, float | None]] = Field(description="of each feature, by gain and by permutation")
    params: dict[str, Any]
    data_start: datetime
    data_end: datetime
    sha256: str = Field(description="digest of the artefact")
    origin: ModelOrigin | None = Field(None, description="null for models trained before this was kept")


class ModelPage(Tabular):
    """Models, the newest first; `next_cursor` continues after the last one."""

    items: list[ModelSummary]
    next_cursor: str | None = None


class RollbackRequest(WireModel):
    """Whose champion shall be the one before; left out: the followed timeframe and horizon."""

    timeframe: Timeframe | None = None
    horizon: Horizon | None = None


class TrainRequest(WireModel):
    """What to train; what is left out is what is followed."""

    symbols: Annotated[list[SymbolName], Field(max_length=1_000)] | None = None
    timeframe: Timeframe | None = None
    horizon: Horizon | None = None
    algorithm: Algorithm | None = None


class TuneRequest(WireModel):
    """What to tune; what is left out is what is followed."""

    symbols: Annotated[list[SymbolName], Field(max_length=1_000)] | None = None
    timeframe: Timeframe | None = None
    horizon: Horizon | None = None
    trials: Annotated[int, Field(ge=1, le=1_000)] | None = None


class JobAccepted(WireModel):
    """A job that was submitted, or an equal one that runs already; see ``/v1/jobs/{id}``."""

    id: str
    submitted: bool = Field(description="false: an equal job runs already, and this is it")


class SessionData(WireModel):
    """What shall be kept."""

    data: dict[str, Any]


class Session(WireModel):
    """What the page keeps for one of its users, for 24 h after it was last written."""

    id: str
    data: dict[str, Any]
