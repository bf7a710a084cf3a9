"""Small values for the tests of storage: everything has a default, each test names what matters to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from candlecast.forecasts.ledger import LedgerEntry
from candlecast.schemas import DataState, Driver, Forecast, Interval, ModelRef
from candlecast.storage.postgres.models import ModelRecord

START = datetime(2022, 1, 1, tzinfo=UTC)


def make_rows(n: int, *, start: datetime = START, **columns: Any) -> pd.DataFrame:
    """Return `n` hourly candles that rise by one; `columns` replace the defaults."""
    opens = pd.Series(pd.date_range(start, periods=n, freq="h", tz="UTC")).dt.as_unit("us")
    prices = pd.Series(range(100, 100 + n), dtype="float64")
    frame = pd.DataFrame(
        {
            "open_time": opens,
            "close_time": opens + pd.Timedelta(hours=1),
            "open": prices,
            "high": prices + 2.5,
            "low": prices - 0.1,
            "close": prices + 1,
            "volume": prices * 10,
        }
    )
    return frame.assign(**columns)


def make_record(model_id: str = "m1", **overrides: Any) -> ModelRecord:
    values: dict[str, Any] = {
        "id": model_id,
        "symbols": ["BTC/USDT"],
        "timeframe": "1h",
        "horizon": 1,
        "algorithm": "xgboost",
        "features": ["rsi_14", "hour"],
        "metrics": {"accuracy": 0.53},
        "params": {"max_depth": 5},
        "data_start": START - timedelta(days=365),
        "data_end": START,
        "artefact_path": f"{model_id}/",
        "sha256": "ab" * 32,
        "trained_at": START,
    }
    return ModelRecord(**values | overrides)


def make_entry(hour: int = 0, **overrides: Any) -> LedgerEntry:
    """Return the forecast made 3 s after the candle that closes `hour` hours after `START`."""
    as_of = START + timedelta(hours=hour)
    values: dict[str, Any] = {
        "symbol": "BTC/USDT",
        "timeframe": "1h",
        "horizon": 1,
        "made_at": as_of + timedelta(seconds=3, microseconds=123_457),
        "as_of": as_of,
        "target_time": as_of + timedelta(hours=1),
        "last_close": 47_000.1,
        "p_up": 0.53,
        "direction": "up",
        "expected_log_return": -0.0,
        "expected_volatility": 1e-9,
        "intervals": [Interval(level=0.8, low=46_500.0, high=47_500.5)],
        "drivers": [Driver(feature="rsi_14", value=None, contribution=0.1)],
        "model": ModelRef(id="m1", algorithm="xgboost", trained_at=START, coverage_recent=0.8),
        "data": DataState(age_s=3.1, stale=False, source="binance"),
    }
    return LedgerEntry(Forecast(**values | overrides), "cd" * 32)
