"""Made-up candles, prices and symbols, and the routes that answer them."""

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI

from candlecast.schemas import Candle, CandlePage, IndicatorSeries, Price, PriceResult, PriceResults, SymbolStatus

if TYPE_CHECKING:
    from tests.fakes.api import FakeApi

NOW = datetime(2022, 10, 11, 12, 0, tzinfo=UTC)
GROUPS = {
    "rsi": ("momentum_rsi",),
    "macd": ("trend_macd", "trend_macd_signal", "trend_macd_diff"),
    "bollinger": ("volatility_bbl", "volatility_bbm", "volatility_bbh"),
}
# before this many candles an indicator of 20 candles is not known
WARM_UP = 19


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


def make_indicators(symbol: str, timeframe: str, candles: list[Candle], *, names: str) -> IndicatorSeries:
    """Return indicators near the closes, unknown for the first `WARM_UP` candles; groups and columns both do."""
    columns = [column for name in names.split(",") for column in GROUPS.get(name, (name,))]
    series: dict[str, list[float | None]] = {}
    for column in columns:
        scale = {"volatility_bbl": 0.98, "volatility_bbm": 1.0, "volatility_bbh": 1.02}.get(column)
        values = [
            candle.close * scale if scale else 50 + 20 * math.sin(place / 7) for place, candle in enumerate(candles)
        ]
        series[column] = [None if place < WARM_UP else value for place, value in enumerate(values)]
    return IndicatorSeries(
        symbol=symbol,
        timeframe=timeframe,
        open_times=[candle.open_time for candle in candles],
        close_times=[candle.close_time for candle in candles],
        series=series,
    )


def add_routes(app: FastAPI, fake: "FakeApi") -> None:
    """Answer symbols, candles, prices and indicators."""

    @app.get("/v1/symbols")
    def symbols() -> list[SymbolStatus]:
        return fake.statuses

    @app.get("/v1/candles")
    def candles(symbol: str, timeframe: str, limit: int, include_partial: bool = False) -> CandlePage:
        partial = fake.partials.get(symbol) if include_partial else None
        found = fake.candles(symbol, timeframe)[-limit:]
        return CandlePage(symbol=symbol, timeframe=timeframe, candles=found, partial=partial)

    @app.get("/v1/prices")
    def prices(symbols: str = "") -> PriceResults:
        names = symbols.split(",") if symbols else [status.symbol for status in fake.statuses]
        return PriceResults(items=[PriceResult(price=fake.price(name)) for name in names])

    @app.get("/v1/indicators")
    def indicators(symbol: str, timeframe: str, names: str, limit: int = 500) -> IndicatorSeries:
        return make_indicators(symbol, timeframe, fake.candles(symbol, timeframe)[-limit:], names=names)
