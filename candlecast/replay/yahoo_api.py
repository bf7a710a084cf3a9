"""The replay's Yahoo v8 chart, and the two addresses that a client asks for its crumb."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response
from numpy.typing import NDArray

from candlecast.clock import Clock
from candlecast.market.calendars import session_spans
from candlecast.replay.recordings import Recording
from candlecast.replay.tape import Known, Tape, microseconds

ZONE = ZoneInfo("America/New_York")
INTERVALS = {"60m": "1h"}
RANGE_DAYS = {
    "1d": 1, "5d": 7, "1mo": 31, "3mo": 92, "6mo": 183, "1y": 366, "2y": 731, "5y": 1_827, "10y": 3_653, "max": 73_000,
}  # fmt: skip
JSON = "application/json;charset=utf-8"


def build_yahoo_routes(recording: Recording, clock: Clock) -> APIRouter:
    """Return the routes that speak for the stocks of `recording` at the time of `clock`."""
    router = APIRouter()
    tapes = {name: Tape(series) for name, series in recording.series.items() if series.symbol.asset_class == "stock"}

    @router.get("/")
    async def cookie() -> Response:
        return Response(b"", media_type="text/html")

    @router.get("/v1/test/getcrumb")
    async def crumb() -> Response:
        return Response(b"replay", media_type="text/plain")

    @router.get("/v8/finance/chart/{symbol:path}")
    async def chart(symbol: str, request: Request) -> Response:
        tape = tapes.get(symbol.upper())
        if tape is None:
            return _problem(404, "Not Found", "No data found, symbol may be delisted")
        interval = request.query_params.get("interval", "1d")
        timeframe = INTERVALS.get(interval, interval)
        if timeframe not in (recording.timeframe, "1d"):
            text = f"Invalid input - interval={interval[:20]} is not supported. Valid intervals: "
            return _problem(422, "Unprocessable Entity", f"{text}[{recording.timeframe}, 1d]")
        span = _span(request, clock.now())
        if span is None:
            return _problem(400, "Bad Request", "Invalid input - period1, period2 or range")
        # Days of a recording of shorter candles are not played: their meta data alone is answered.
        known = tape.known(clock.now()) if timeframe == recording.timeframe else Known(0, None)
        return _answer(200, _chart(tape, known, span=span, timeframe=timeframe, now=clock.now()))

    return router


def _answer(status: int, content: object) -> Response:
    return Response(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), status_code=status, media_type=JSON)


def _problem(status: int, code: str, text: str) -> Response:
    return _answer(status, {"chart": {"result": None, "error": {"code": code, "description": text}}})


def _span(request: Request, now: datetime) -> tuple[int, int] | None:
    # Seconds [first, last) that the request asks for; None when it cannot be read.
    query = request.query_params
    now_s = int(now.timestamp())
    if "period1" in query:
        try:
            return int(query["period1"]), int(query.get("period2", now_s + 1))
        except ValueError:
            return None
    name = query.get("range", "1d")
    if name == "ytd":
        return int(datetime(now.year, 1, 1, tzinfo=UTC).timestamp()), now_s + 1
    if name not in RANGE_DAYS:
        return None
    return now_s - RANGE_DAYS[name] * 86_400, now_s + 1


def _chart(tape: Tape, known: Known, *, span: tuple[int, int], timeframe: str, now: datetime) -> dict[str, Any]:
    opens_s = tape.opens_us[: known.n_visible] // 1_000_000
    first, last = (int(place) for place in np.searchsorted(opens_s, span))
    meta = _meta(tape, now=now, timeframe=timeframe)
    if timeframe != "1d":
        meta["tradingPeriods"] = _trading_periods(tape, opens_s[first:last])
    result: dict[str, Any] = {"meta": meta, "indicators": {"quote": [{}]}}
    if last > first:
        rows = np.array(tape.values[first:last])
        adjusted = np.array(tape.adjusted[first:last])
        if known.running is not None and last == known.n_visible:
            rows[-1] = known.running
            adjusted[-1] *= known.running.close / tape.values[last - 1, 3]
        names = ("open", "high", "low", "close", "volume")
        # orjson writes NaN as null, as Yahoo does for a missing figure.
        quote = {name: np.ascontiguousarray(rows[:, place]) for place, name in enumerate(names)}
        result["timestamp"] = opens_s[first:last]
        result["indicators"] = {"quote": [quote], "adjclose": [{"adjclose": adjusted}]}
    return {"chart": {"result": [result], "error": None}}


def _meta(tape: Tape, *, now: datetime, timeframe: str) -> dict[str, Any]:
    known = tape.known(now)
    offset_s = int((now.astimezone(ZONE).utcoffset() or timedelta()).total_seconds())
    price = tape.row(known, known.n_visible - 1).close if known.n_visible else None
    day = now - timedelta(days=1)
    opens, closes = session_spans(day, now + timedelta(days=7), calendar=tape.symbol.calendar)
    regular = _period(int(opens[0]) // 1_000_000, int(closes[0]) // 1_000_000, offset_s)
    return {
        "currency": "USD",
        "symbol": tape.symbol.name,
        "exchangeName": "NMS",
        "fullExchangeName": "NasdaqGS",
        "instrumentType": "EQUITY",
        "firstTradeDate": int(tape.opens_us[0]) // 1_000_000,
        "regularMarketTime": microseconds(now) // 1_000_000,
        "hasPrePostMarketData": False,
        "gmtoffset": offset_s,
        "timezone": now.astimezone(ZONE).tzname(),
        "exchangeTimezoneName": ZONE.key,
        "regularMarketPrice": price,
        "priceHint": 2,
        "currentTradingPeriod": {"pre": regular, "regular": regular, "post": regular},
        "dataGranularity": timeframe,
        "range": "",
        "validRanges": [*RANGE_DAYS, "ytd"],
    }


def _trading_periods(tape: Tape, opens_s: NDArray[np.int64]) -> list[list[dict[str, Any]]]:
    if not len(opens_s):
        return []
    first, last = (datetime.fromtimestamp(int(edge), UTC) for edge in (opens_s[0], opens_s[-1]))
    opens, closes = session_spans(first, last + timedelta(seconds=1), calendar=tape.symbol.calendar)
    offset_s = int((last.astimezone(ZONE).utcoffset() or timedelta()).total_seconds())
    return [[_period(int(o) // 1_000_000, int(c) // 1_000_000, offset_s)] for o, c in zip(opens, closes, strict=True)]


def _period(start_s: int, end_s: int, offset_s: int) -> dict[str, Any]:
    return {"timezone": "EST", "start": start_s, "end": end_s, "gmtoffset": offset_s}
