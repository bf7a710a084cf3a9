"""Symbols, candles and prices on the wire."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import Field

from candlecast.schemas.base import Problem, WireModel
from candlecast.schemas.tables import Tabular

Basis = Literal["live", "close"]


class SymbolStatus(WireModel):
    """One tracked symbol and how fresh it is."""

    symbol: str
    asset_class: str
    venue: str
    timeframes: list[str] = Field(description="those that are followed: candles are stored and forecasts made")
    chart_timeframes: list[str] = Field(
        default_factory=list, description="those of /v1/candles and /v1/indicators: the followed and coarser ones"
    )
    newest_candle: datetime | None = Field(description="close time of the newest stored candle")
    data_age_s: float | None = Field(description="market seconds since that close")
    source: str | None = Field(None, description="where that candle came from, as binance or kraken:USD")
    quality: str | None = Field(None, description="stream, rest, failover, late or repaired")
    model_ready: bool


class Candle(WireModel):
    """One closed candle."""

    open_time: datetime
    close_time: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float | None
    source: str
    quality: str = Field(description="stream, rest, failover, late or repaired; partial while it runs")


class CandlePage(Tabular):
    """Candles ascending by time; `next_cursor` continues after the last one."""

    rows_in: ClassVar[str] = "candles"

    symbol: str
    timeframe: str
    candles: list[Candle]
    partial: Candle | None = Field(None, description="the running candle so far, if asked for and known")
    next_cursor: str | None = None


class IndicatorSeries(Tabular):
    """Indicators aligned with candles: item i of every list belongs to the candle that opened at ``open_times[i]``."""

    symbol: str
    timeframe: str
    open_times: list[datetime]
    close_times: list[datetime]
    series: dict[str, list[float | None]] = Field(description="by column; null where a value is not known yet")

    def table_rows(self) -> list[dict[str, Any]]:
        """Return one row a candle."""
        columns = {"open_time": self.open_times, "close_time": self.close_times, **self.series}
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


class Price(WireModel):
    """The price of one symbol as of the market time."""

    symbol: str
    price: float = Field(description="in quote currency")
    basis: Basis = Field(description="live: pushed or asked for; close: of the newest stored candle, nothing is newer")
    change_24h_pct: float | None = Field(description="against the close 24 h before, null where that candle is missing")
    source: str
    at: datetime = Field(description="market time at which it was true")
    age_s: float = Field(description="market seconds since then")


class PriceResult(WireModel):
    """A price or the problem that prevented it."""

    price: Price | None = None
    problem: Problem | None = None


class PriceResults(Tabular):
    """Answers in the order of the request."""

    items: list[PriceResult]
