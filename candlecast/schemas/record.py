"""The ledger with its outcomes, and what they add up to, on the wire."""

from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import Field

from candlecast.schemas.base import WireModel
from candlecast.schemas.forecasts import Direction, Forecast
from candlecast.schemas.tables import Tabular, flat

LastDirection = Literal["up", "down"]

# `n` is that of the whole record; each figure has its own
_NESTED = ("figures", "reliability", "days", "n")


class Outcome(WireModel):
    """What came of a forecast, or why that will never be known; and what naive forecasters could know at `as_of`."""

    settled_at: datetime
    realised_close: float | None = Field(description="close at the target time")
    realised_log_return: float | None = Field(description="from the last close of the forecast to that close")
    realised_volatility: float | None = Field(
        description="root of the summed squared log returns up to the target; null where a candle is missing"
    )
    held_log_return: float | None = Field(
        description="from the first open that could be acted on to the close at the target time"
    )
    unsettled_reason: str | None = None
    last_direction: LastDirection | None = Field(description="whether the newest candle closed above the one before")
    histvol: float | None = Field(description="deviation of the last 24 log returns, scaled to the horizon")
    p_always_up: float | None = Field(description="share of ups in the record of the series as that day began")
    p_last_direction: float | None = Field(description="the same after a newest candle of the same direction")


class LedgerItem(WireModel):
    """One row of the ledger; `outcome` is null while the target time lies ahead or its candle is waited for."""

    id: int = Field(description="ascends in the order of recording")
    forecast: Forecast
    features_digest: str = Field(description="SHA-256 of the feature row, float64 little-endian")
    row_hash: str
    previous_hash: str = Field(description="hash of the row before it in its series and model")
    outcome: Outcome | None


class LedgerPage(Tabular):
    """Recorded forecasts, the newest target first; `next_cursor` continues after the last one."""

    items: list[LedgerItem]
    next_cursor: str | None = None


class LedgerLine(WireModel):
    """One row of the ledger as tables show it; the 80 % interval stands for all."""

    id: int
    symbol: str
    timeframe: str
    horizon: int
    model_id: str
    made_at: datetime
    as_of: datetime
    target_time: datetime
    last_close: float
    p_up: float
    direction: Direction
    abstain_reason: str | None
    expected_log_return: float
    expected_volatility: float
    low_80: float | None
    high_80: float | None
    settled_at: datetime | None
    realised_close: float | None
    realised_log_return: float | None
    unsettled_reason: str | None
    features_digest: str
    row_hash: str

    @classmethod
    def of(cls, item: LedgerItem) -> Self:
        """Return an item of the ledger as one line."""
        forecast = item.forecast
        band = next((one for one in forecast.intervals if one.level == 0.8), None)
        told = forecast.model_dump(include=set(cls.model_fields)) | item.model_dump(include=set(cls.model_fields))
        told |= {} if item.outcome is None else item.outcome.model_dump(include=set(cls.model_fields))
        ends = {"low_80": None if band is None else band.low, "high_80": None if band is None else band.high}
        return cls.model_validate(dict.fromkeys(cls.model_fields) | told | ends | {"model_id": forecast.model.id})


class RecordFigure(WireModel):
    """One figure of the track record, its 95 % interval, its n, and the baselines beside it."""

    metric: str
    value: float | None
    low: float | None = Field(description="null where too few days are known to tell")
    high: float | None
    n: int = Field(description="settled forecasts behind it")
    beside: dict[str, float | None] = Field({}, description="the same of always_up, last_direction, histvol; or level")


class ReliabilityBin(WireModel):
    """What was promised and what happened, of the forecasts whose P(up) lies in one tenth of 0 to 1."""

    low: float
    high: float
    n: int
    promised: float = Field(description="mean P(up)")
    happened: float = Field(description="share of ups")
    happened_low: float = Field(description="95 % Wilson interval of that share")
    happened_high: float


class RecordDay(WireModel):
    """What the forecasts of one UTC day of as_of came to."""

    day: date
    n: int = Field(description="settled forecasts")
    figures: dict[str, float | None] = Field(description="accuracy, brier, log_loss, coverage_50 …, without intervals")


class TrackRecord(WireModel):
    """How the forecasts of one model and horizon did, all symbols together or one."""

    symbol: str | None = Field(description="null: all symbols together")
    timeframe: str
    horizon: int
    model_id: str
    champion: bool
    first_day: date | None = Field(description="UTC day of the first counted as_of")
    last_day: date | None
    n: int = Field(description="settled forecasts")
    n_unsettled: int = Field(description="forecasts whose outcome will never be known")
    n_missed: int = Field(description="forecasts that were made too late and not recorded")
    figures: list[RecordFigure]
    reliability: list[ReliabilityBin]
    days: list[RecordDay] = Field(default_factory=list, description="ascending, where asked for")


class TrackRecords(Tabular):
    """One record a timeframe, horizon and model, and a symbol where asked for."""

    window: str
    cost_bps: float = Field(description="of buying or selling one unit, in the edge after costs")
    items: list[TrackRecord]

    def table_rows(self) -> list[dict[str, Any]]:
        """Return one row a figure, with whose record it is."""
        rows = []
        for record in self.items:
            whose = {name: value for name, value in flat(record).items() if name not in _NESTED}
            rows += [whose | flat(figure) for figure in record.figures]
        return rows
