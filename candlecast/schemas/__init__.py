"""Wire models of the HTTP API: what clients send and receive, field by field."""

from candlecast.schemas.base import Problem, WireModel, problem
from candlecast.schemas.forecasts import (
    DataState,
    Direction,
    Driver,
    Forecast,
    ForecastBatch,
    ForecastItem,
    ForecastResult,
    ForecastResults,
    Interval,
    ModelRef,
    SentimentState,
)
from candlecast.schemas.health import Check, FeedState, Readiness, SourceState
from candlecast.schemas.market import Basis, Candle, CandlePage, Price, PriceResult, PriceResults, SymbolStatus
from candlecast.schemas.sentiment import (
    Engine,
    Label,
    NewsItem,
    NewsPage,
    SentimentAnswer,
    SentimentRequest,
    SentimentScore,
    SentimentSummary,
)

__all__ = [
    "Basis",
    "Candle",
    "CandlePage",
    "Check",
    "DataState",
    "Direction",
    "Driver",
    "Engine",
    "FeedState",
    "Forecast",
    "ForecastBatch",
    "ForecastItem",
    "ForecastResult",
    "ForecastResults",
    "Interval",
    "Label",
    "ModelRef",
    "NewsItem",
    "NewsPage",
    "Price",
    "PriceResult",
    "PriceResults",
    "Problem",
    "Readiness",
    "SentimentAnswer",
    "SentimentRequest",
    "SentimentScore",
    "SentimentState",
    "SentimentSummary",
    "SourceState",
    "SymbolStatus",
    "WireModel",
    "problem",
]
