"""The whole HTTP API with settable answers."""

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from candlecast.job_progress import JobState
from candlecast.schemas import (
    Alert,
    AlertDelivery,
    Candle,
    Forecast,
    LedgerItem,
    ModelDetail,
    NewsItem,
    Price,
    Problem,
    Readiness,
    SentimentSummary,
    SymbolStatus,
    TrackRecord,
    problem,
)
from tests.fakes import alerts, forecasts, market, models, news, record, service
from tests.fakes.alerts import make_alert, make_delivery
from tests.fakes.forecasts import make_forecast
from tests.fakes.market import make_price, make_sessions, make_status, make_wire_candles
from tests.fakes.models import make_model
from tests.fakes.news import make_story
from tests.fakes.record import make_ledger_item, make_record
from tests.fakes.service import make_readiness

STEPS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1)}
LONGEST_HELD_S = 60.0
NAMES = ("BTC/USDT", "ETH/USDT", "LTC/USDT")


@dataclass
class FakeApi:
    """The HTTP API with settable answers; `failing` maps a path to the problem it answers.

    `slow_s` maps a path to the wall seconds that each of its answers takes, `held` to what its next answer waits for.
    """

    statuses: list[SymbolStatus] = field(default_factory=lambda: [make_status(name) for name in NAMES])
    levels: dict[str, float] = field(default_factory=lambda: {"BTC/USDT": 19_000.0, "ETH/USDT": 1_283.0})
    readiness: Readiness = field(default_factory=make_readiness)
    failing: dict[str, Problem] = field(default_factory=dict)
    slow_s: dict[str, float] = field(default_factory=dict)
    held: dict[str, threading.Event] = field(default_factory=dict)
    forecasts: dict[str, Forecast] = field(default_factory=dict)
    partials: dict[str, Candle] = field(default_factory=dict)
    prices: dict[str, Price] = field(default_factory=dict)
    stories: list[NewsItem] = field(default_factory=lambda: [make_story(number) for number in range(60)])
    sentiment: dict[str, SentimentSummary] = field(default_factory=dict)
    ledger: list[LedgerItem] = field(default_factory=lambda: [make_ledger_item(number) for number in range(60)])
    records: list[TrackRecord] = field(default_factory=lambda: [make_record(), *map(make_record, NAMES)])
    models: list[ModelDetail] = field(
        default_factory=lambda: [make_model(), make_model("ffee00112233", status="retired")]
    )
    jobs: dict[str, JobState] = field(default_factory=dict)
    admin_key: str = ""
    alerts: list[Alert] = field(default_factory=lambda: [make_alert()])
    deliveries: list[AlertDelivery] = field(default_factory=lambda: [make_delivery()])
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    n_candles: int = 300

    def candles(self, symbol: str, timeframe: str = "1h") -> list[Candle]:
        """Return the candles of one series: hours of what trades all day, daily sessions of stocks."""
        level = self.levels.get(symbol, 50.0)
        if "/" not in symbol:
            return make_sessions(self.n_candles, level=level)
        return make_wire_candles(self.n_candles, level=level, step=STEPS.get(timeframe, STEPS["1h"]))

    def forecast(self, symbol: str) -> Forecast:
        """Return the forecast that a test set, or one that fits the newest close."""
        made = self.forecasts.get(symbol)
        return made or make_forecast(symbol, last_close=self.candles(symbol)[-1].close)

    def price(self, symbol: str) -> Price:
        """Return the price that a test set, or the newest close."""
        return self.prices.get(symbol) or make_price(symbol, price=self.candles(symbol)[-1].close)

    def say(self, kind: str, **data: Any) -> None:
        """Tell all who listen to the stream, as ``say("price", symbol="BTC/USDT", price=1.0)``."""
        self.events.append((kind, data))

    def build(self) -> FastAPI:
        """Return the web app; what tests set later is answered at once."""
        app = FastAPI()

        @app.middleware("http")
        async def fail_when_told(request, call_next):
            self.calls.append(f"{request.url.path}?{request.url.query}")
            if (told := self.held.pop(request.url.path, None)) is not None:
                await asyncio.to_thread(told.wait, LONGEST_HELD_S)
            await asyncio.sleep(self.slow_s.get(request.url.path, 0.0))
            if (found := self.failing.get(request.url.path)) is None:
                return await call_next(request)
            return _problem(found.status, title=found.title, detail=found.detail)

        @app.exception_handler(HTTPException)
        async def as_problem(_, error):
            return _problem(error.status_code, title="Refused", detail=str(error.detail))

        for part in (market, forecasts, record, news, models, alerts, service):
            part.add_routes(app, self)
        return app


def _problem(status: int, *, title: str, detail: str) -> JSONResponse:
    body = problem(status=status, title=title, detail=detail)
    return JSONResponse(body, status_code=status, media_type="application/problem+json")
