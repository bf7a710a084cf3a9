"""Made-up forecasts, and the routes that answer them."""

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI

from candlecast.schemas import (
    DataState,
    Driver,
    Forecast,
    ForecastBatch,
    ForecastResult,
    ForecastResults,
    Interval,
    ModelRef,
)
from tests.fakes.market import NOW

if TYPE_CHECKING:
    from tests.fakes.api import FakeApi

LEVELS = {0.5: 0.004, 0.8: 0.008, 0.9: 0.011, 0.95: 0.014}
MODEL_ID = "0a1b2c3d4e5f"


def make_forecast(symbol: str = "BTC/USDT", **overrides) -> Forecast:
    """Return an upward forecast of the hour after `NOW`, its intervals nested around 100."""
    last = overrides.pop("last_close", 100.0)
    values = {
        "symbol": symbol,
        "timeframe": "1h",
        "horizon": 1,
        "made_at": NOW + timedelta(seconds=5),
        "as_of": NOW,
        "target_time": NOW + timedelta(hours=1),
        "last_close": last,
        "p_up": 0.541,
        "direction": "up",
        "expected_log_return": 0.0006,
        "expected_volatility": 0.006,
        "intervals": [Interval(level=k, low=last * (1 - w), high=last * (1 + w)) for k, w in LEVELS.items()],
        "drivers": [
            Driver(feature="rsi_14", value=38.2, contribution=0.06),
            Driver(feature="gap_return_1", value=-0.7, contribution=-0.04),
        ],
        "model": ModelRef(
            id=MODEL_ID,
            algorithm="xgboost",
            trained_at=NOW - timedelta(hours=6),
            coverage_recent=0.804,
            base_log_odds=0.02,
        ),
        "data": DataState(age_s=130.0, stale=False, source="fake"),
    }
    return Forecast(**(values | overrides))


def add_routes(app: FastAPI, fake: "FakeApi") -> None:
    """Answer the newest forecast of one series, and of many."""

    @app.get("/v1/forecasts/latest")
    def latest(symbol: str) -> Forecast:
        return fake.forecast(symbol)

    @app.post("/v1/forecasts")
    def many(batch: ForecastBatch) -> ForecastResults:
        found = [ForecastResult(forecast=fake.forecast(item.symbol)) for item in batch.items]
        return ForecastResults(items=found)
