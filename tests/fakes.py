"""Stand-ins for parts that a test does not want: a whole HTTP API with made-up, settled answers."""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from candlecast.schemas import (
    Candle,
    CandlePage,
    Check,
    DataState,
    Driver,
    Forecast,
    ForecastBatch,
    ForecastResult,
    ForecastResults,
    Interval,
    ModelRef,
    Price,
    Problem,
    Readiness,
    SymbolStatus,
    problem,
)

NOW = datetime(2022, 10, 11, 12, 0, tzinfo=UTC)
LEVELS = {0.5: 0.004, 0.8: 0.008, 0.9: 0.011, 0.95: 0.014}


def make_wire_candles(n: int, *, level: float = 100.0, step: timedelta = timedelta(hours=1)) -> list[Candle]:
    """Return `n` candles that end at `NOW`, a wave around `level`."""
    closes = [level * (1 + 0.03 * math.sin(i / 9) + 0.01 * math.sin(i / 2.3)) for i in range(n + 1)]
    return [
        Candle(
            open_time=NOW - step * (n - i),
            close_time=NOW - step * (n - i - 1),
            open=closes[i],
            high=max(closes[i : i + 2]) * 1.004,
            low=min(closes[i : i + 2]) * 0.996,
            close=closes[i + 1],
            volume=None if i == 3 else 50 + 40 * math.cos(i / 5),
            source="fake",
            quality="rest",
        )
        for i in range(n)
    ]


def make_sessions(n: int, *, level: float = 50.0) -> list[Candle]:
    """Return `n` daily candles of weekdays, 14:30 to 21:00 UTC, the newest the day before `NOW`."""
    days = [NOW - timedelta(days=back) for back in range(1, 2 * n + 3)]
    opens = sorted(day.replace(hour=14, minute=30) for day in days if day.weekday() < 5)[-n:]
    return [
        candle.model_copy(update={"open_time": opened, "close_time": opened + timedelta(hours=6.5)})
        for candle, opened in zip(make_wire_candles(n, level=level), opens, strict=True)
    ]


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
            Driver(feature="log_return_24", value=-0.021, contribution=-0.04),
        ],
        "model": ModelRef(
            id="0a1b2c3d4e5f", algorithm="xgboost", trained_at=NOW - timedelta(hours=6), coverage_recent=0.804
        ),
        "data": DataState(age_s=130.0, stale=False, source="fake"),
    }
    return Forecast(**(values | overrides))


def make_price(symbol: str = "BTC/USDT", **overrides) -> Price:
    """Return a live price, pushed 2 s before `NOW`."""
    values = {
        "symbol": symbol,
        "price": 101.0,
        "basis": "live",
        "change_24h_pct": 1.0,
        "source": "fake",
        "at": NOW - timedelta(seconds=2),
        "age_s": 2.0,
    }
    return Price(**(values | overrides))


def make_status(symbol: str, **overrides) -> SymbolStatus:
    """Return a tracked symbol with fresh hourly candles."""
    values = {
        "symbol": symbol,
        "asset_class": "crypto" if "/" in symbol else "stock",
        "venue": "fake",
        "timeframes": ["1h"],
        "newest_candle": NOW,
        "data_age_s": 130.0,
        "source": "fake",
        "quality": "stream",
        "model_ready": True,
    }
    return SymbolStatus(**(values | overrides))


def make_readiness(**overrides) -> Readiness:
    """Return a ready service on recorded data."""
    values = {
        "ready": True,
        "source": "recorded",
        "banner": "Recorded market data, replayed at 60 times its speed.",
        "market_time": NOW + timedelta(seconds=130),
        "checks": [Check(name="database", ok=True, detail="answers")],
        "data_age_s": {},
    }
    return Readiness(**(values | overrides))


@dataclass
class FakeApi:
    """The HTTP API with settable answers; `failing` maps a path to the problem it answers."""

    statuses: list[SymbolStatus] = field(
        default_factory=lambda: [make_status(name) for name in ("BTC/USDT", "ETH/USDT", "LTC/USDT")]
    )
    levels: dict[str, float] = field(default_factory=lambda: {"BTC/USDT": 19_000.0, "ETH/USDT": 1_283.0})
    readiness: Readiness = field(default_factory=make_readiness)
    failing: dict[str, Problem] = field(default_factory=dict)
    forecasts: dict[str, Forecast] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    n_candles: int = 300

    def candles(self, symbol: str) -> list[Candle]:
        make = make_wire_candles if "/" in symbol else make_sessions
        return make(self.n_candles, level=self.levels.get(symbol, 50.0))

    def forecast(self, symbol: str) -> Forecast:
        made = self.forecasts.get(symbol)
        return made or make_forecast(symbol, last_close=self.candles(symbol)[-1].close)

    def build(self) -> FastAPI:
        app = FastAPI()

        @app.middleware("http")
        async def fail_when_told(request, call_next):
            self.calls.append(f"{request.url.path}?{request.url.query}")
            if (found := self.failing.get(request.url.path)) is None:
                return await call_next(request)
            body = problem(status=found.status, title=found.title, detail=found.detail)
            return JSONResponse(body, status_code=found.status, media_type="application/problem+json")

        @app.get("/v1/symbols")
        def symbols() -> list[SymbolStatus]:
            return self.statuses

        @app.get("/v1/candles")
        def candles(symbol: str, timeframe: str, limit: int) -> CandlePage:
            return CandlePage(symbol=symbol, timeframe=timeframe, candles=self.candles(symbol)[-limit:])

        @app.get("/v1/forecasts/latest")
        def latest(symbol: str) -> Forecast:
            return self.forecast(symbol)

        @app.post("/v1/forecasts")
        def many(batch: ForecastBatch) -> ForecastResults:
            found = [ForecastResult(forecast=self.forecast(item.symbol)) for item in batch.items]
            return ForecastResults(items=found)

        @app.get("/readyz")
        def readyz() -> JSONResponse:
            return JSONResponse(
                self.readiness.model_dump(mode="json"), status_code=200 if self.readiness.ready else 503
            )

        return app
