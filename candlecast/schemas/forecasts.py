"""Forecasts on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from candlecast.schemas.base import Problem, WireModel
from candlecast.schemas.tables import Tabular

Direction = Literal["up", "down", "abstain"]


class Interval(WireModel):
    """Central interval of the close at the target time."""

    level: float = Field(gt=0, lt=1)
    low: float
    high: float


class SentimentState(WireModel):
    """News sentiment that went into a forecast; unavailable is said, never replaced by 0."""

    score: float | None = None
    n: int = 0
    available: bool = False


class Driver(WireModel):
    """One feature's push on the log odds of up."""

    feature: str
    value: float | None
    contribution: float


class ModelRef(WireModel):
    """Which model made a forecast."""

    id: str
    algorithm: str
    trained_at: datetime
    coverage_recent: float | None = Field(description="share of recent closes inside the 80 % interval")
    base_log_odds: float | None = Field(
        None, description="log odds of up before any feature counts; with the pushes of all features those of p_up"
    )


class DataState(WireModel):
    """How fresh the candles behind a forecast are."""

    age_s: float = Field(description="market seconds since the close of the newest candle")
    stale: bool
    source: str


class Forecast(WireModel):
    """The stored forecast of one close, `horizon` candles ahead."""

    symbol: str
    timeframe: str
    horizon: int
    made_at: datetime
    as_of: datetime
    target_time: datetime
    last_close: float
    p_up: float = Field(ge=0, le=1)
    direction: Direction
    abstain_reason: str | None = None
    expected_log_return: float
    expected_volatility: float = Field(description="expected absolute scale of the log return over the horizon")
    intervals: list[Interval]
    sentiment: SentimentState = SentimentState()
    drivers: list[Driver] = Field(default_factory=list)
    model: ModelRef
    data: DataState


class ForecastItem(WireModel):
    """One wanted forecast."""

    symbol: Annotated[str, Field(max_length=40)]
    timeframe: Annotated[str, Field(max_length=8)]
    horizon: int = 1


class ForecastBatch(WireModel):
    """Up to 1,000 wanted forecasts."""

    items: Annotated[list[ForecastItem], Field(min_length=1, max_length=1_000)]


class ForecastResult(WireModel):
    """A forecast or the problem that prevented it."""

    forecast: Forecast | None = None
    problem: Problem | None = None


class ForecastResults(Tabular):
    """Answers in the order of the request."""

    items: list[ForecastResult]
