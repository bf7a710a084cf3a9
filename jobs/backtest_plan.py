"""What shall a backtest follow? The choices of its command line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from candlecast.errors import InvalidRequestError
from candlecast.evaluation.sizing import TradingRules

ForecastSource = Literal["ledger", "walk-forward"]
FORECAST_SOURCES: tuple[ForecastSource, ...] = get_args(ForecastSource)


@dataclass(frozen=True, slots=True)
class BacktestPlan:
    """What is followed, and how.

    Parameters
    ----------
    source : {"ledger", "walk-forward"}
        Forecasts that were served and have settled, or those that the promoted recipe would have made.
    horizon : int
        Candles ahead.
    rules : TradingRules
        How forecasts become positions.
    model_id : str or None
        Whose forecasts of the ledger; None: the promoted model's.
    since : datetime or None
        First target (ledger) or first tested close (walk-forward); None: all that there is.

    Raises
    ------
    InvalidRequestError
        When the source is unknown, or a model is named for a walk-forward.
    """

    source: ForecastSource
    horizon: int
    rules: TradingRules
    model_id: str | None = None
    since: datetime | None = None

    def __post_init__(self) -> None:
        if self.source not in FORECAST_SOURCES:
            raise InvalidRequestError(f"source must be one of {', '.join(FORECAST_SOURCES)}, was {self.source[:20]!r}")
        if self.source == "walk-forward" and self.model_id is not None:
            raise InvalidRequestError("--model is for --source ledger; a walk-forward trains its own models")
