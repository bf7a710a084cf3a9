"""A made-up ledger and track record, and the routes that answer them."""

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import Response

from candlecast.schemas import (
    LedgerItem,
    LedgerLine,
    LedgerPage,
    Outcome,
    RecordDay,
    RecordFigure,
    ReliabilityBin,
    TrackRecord,
    TrackRecords,
    csv_text,
)
from tests.fakes.forecasts import MODEL_ID, make_forecast
from tests.fakes.market import NOW

if TYPE_CHECKING:
    from tests.fakes.api import FakeApi

FIGURES = {
    "accuracy": (0.538, 0.494, 0.581, {"always_up": 0.504, "last_direction": 0.489}),
    "accuracy_of_calls": (0.551, 0.501, 0.6, {"always_up": 0.504, "last_direction": 0.489}),
    "brier": (0.247, None, None, {"always_up": 0.25, "last_direction": 0.251}),
    "log_loss": (0.687, None, None, {"always_up": 0.693, "last_direction": 0.695}),
    "edge_bps": (1.2, -2.0, 4.4, {"always_up": 0.3, "last_direction": -0.8}),
    "edge_after_costs_bps": (-18.8, -22.0, -15.6, {"always_up": -19.7, "last_direction": -20.8}),
    "coverage_80": (0.804, 0.76, 0.84, {"level": 0.8, "histvol": 0.77}),
    "interval_score_80": (0.031, None, None, {"histvol": 0.034}),
    "width_80": (0.021, None, None, {"histvol": 0.024}),
}


def make_outcome(forecast, **overrides) -> Outcome:
    """Return what came of a forecast: a rise of 0.1 %."""
    values = {
        "settled_at": forecast.target_time + timedelta(seconds=10),
        "realised_close": forecast.last_close * 1.001,
        "realised_log_return": math.log(1.001),
        "realised_volatility": 0.006,
        "held_log_return": 0.0009,
        "last_direction": "up",
        "histvol": 0.007,
        "p_always_up": 0.504,
        "p_last_direction": 0.489,
    }
    return Outcome(**(values | overrides))


def make_ledger_item(number: int, symbol: str = "BTC/USDT", **overrides) -> LedgerItem:
    """Return the row of the forecast made `number` hours before `NOW`; the newest one waits for its outcome."""
    made = NOW - timedelta(hours=number)
    direction = ("up", "down", "abstain")[number % 3]
    forecast = make_forecast(
        symbol,
        as_of=made,
        made_at=made + timedelta(seconds=5),
        target_time=made + timedelta(hours=1),
        direction=direction,
        p_up={"up": 0.56, "down": 0.44, "abstain": 0.501}[direction],
    )
    values = {
        "id": 10_000 - number,
        "forecast": forecast,
        "features_digest": f"{number:064x}",
        "row_hash": f"{number + 1:064x}",
        "previous_hash": f"{number:064x}",
        "outcome": make_outcome(forecast) if number else None,
    }
    return LedgerItem(**(values | overrides))


def make_day(back: int) -> RecordDay:
    """Return what the day `back` days before `NOW` came to."""
    wave = math.sin(back / 3)
    figures = {"accuracy": 0.54, "brier": 0.247 + 0.004 * wave, "log_loss": 0.687, "coverage_80": 0.8 + 0.04 * wave}
    figures["coverage_95"] = 0.95 + 0.02 * wave
    return RecordDay(day=(NOW - timedelta(days=back)).date(), n=24, figures=figures)


def make_record(symbol: str | None = None, **overrides) -> TrackRecord:
    """Return the record of 500 settled forecasts with all figures and three bins."""
    values = {
        "symbol": symbol,
        "timeframe": "1h",
        "horizon": 1,
        "model_id": MODEL_ID,
        "champion": True,
        "first_day": (NOW - timedelta(days=20)).date(),
        "last_day": NOW.date(),
        "n": 500,
        "n_unsettled": 2,
        "n_missed": 1,
        "figures": [
            RecordFigure(metric=metric, value=value, low=low, high=high, n=500, beside=beside)
            for metric, (value, low, high, beside) in FIGURES.items()
        ],
        "reliability": [
            ReliabilityBin(
                low=low, high=low + 0.1, n=160, promised=low + 0.05, happened=low + 0.06,
                happened_low=low - 0.02, happened_high=low + 0.14,
            )
            for low in (0.4, 0.5, 0.6)
        ],
        "days": [make_day(back) for back in range(20, -1, -1)],
    }  # fmt: skip
    return TrackRecord(**(values | overrides))


def add_routes(app: FastAPI, fake: "FakeApi") -> None:
    """Answer the ledger, as JSON and CSV, and the track record."""

    @app.get("/v1/forecasts")
    def ledger(request: Request, symbol: str | None = None, limit: int = 100, cursor: int = 0) -> Response:
        known = [item for item in fake.ledger if symbol in (None, item.forecast.symbol)]
        found, more = known[cursor : cursor + limit], len(known) > cursor + limit
        if "text/csv" in request.headers.get("accept", ""):
            return Response(csv_text([LedgerLine.of(item) for item in found], LedgerLine), media_type="text/csv")
        page = LedgerPage(items=found, next_cursor=str(cursor + limit) if more else None)
        return Response(page.model_dump_json(), media_type="application/json")

    @app.get("/v1/track-record")
    def track_record(
        symbol: str | None = None, window: str = "30d", by: str = "", model: str = "", days: bool = False
    ) -> TrackRecords:
        apart = by == "symbol" and symbol is None
        wanted = [one for one in fake.records if (one.symbol is not None if apart else one.symbol == symbol)]
        items = [one for one in wanted if model in ("", one.model_id)]
        shown = items if days else [one.model_copy(update={"days": []}) for one in items]
        return TrackRecords(window=window, cost_bps=10.0, items=shown)
