"""The replay's Yahoo v8 chart of stocks and crypto pairs, and the two addresses that a client asks for its crumb."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from fastapi import APIRouter, Request, Response
from numpy.typing import NDArray

from candlecast.market.calendars import ALWAYS_OPEN, Microseconds, session_spans
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.market.symbols import Symbol
from candlecast.replay.tape import Tape, microseconds
from candlecast.replay.wire.encoding import RowFormat
from candlecast.replay.wire.played import DAY_US, Dialect, PlayedVenue, answer

ZONES = {"stock": ZoneInfo("America/New_York"), "crypto": ZoneInfo("UTC")}
MARKETS = {
    "stock": {
        "currency": "USD", "exchangeName": "NMS", "fullExchangeName": "NasdaqGS", "instrumentType": "EQUITY",
    },
    "crypto": {
        "currency": "USD", "exchangeName": "CCC", "fullExchangeName": "CCC", "instrumentType": "CRYPTOCURRENCY",
    },
}  # fmt: skip
DOLLAR_COINS = ("USDT", "USDC")
INTERVALS = {"60m": "1h"}
RANGE_DAYS = {
    "1d": 1, "5d": 7, "1mo": 31, "3mo": 92, "6mo": 183, "1y": 366, "2y": 731, "5y": 1_827, "10y": 3_653, "max": 73_000,
}  # fmt: skip


def yahoo_name(symbol: Symbol) -> str:
    """Return Yahoo's name of a symbol: ``AAPL``; ``BTC-USD`` of BTC/USD and of pairs with a dollar coin."""
    base, _, quote = symbol.name.partition("/")
    return base + (f"-{'USD' if quote in DOLLAR_COINS else quote}" if quote else "")


YAHOO = Dialect("yahoo", ("stock", "crypto"), yahoo_name, RowFormat("[{open_s}]"))


def build_yahoo_routes(venue: PlayedVenue) -> APIRouter:
    """Return the routes that speak for `venue` as Yahoo does."""
    router = APIRouter()

    @router.get("/")
    async def cookie() -> Response:
        return Response(b"", media_type="text/html")

    @router.get("/v1/test/getcrumb")
    async def crumb() -> Response:
        return Response(b"replay", media_type="text/plain")

    @router.get("/v8/finance/chart/{symbol:path}")
    async def chart(symbol: str, request: Request) -> Response:
        encoded = venue.encoded(symbol.upper())
        if encoded is None:
            return _problem(404, "Not Found", "No data found, symbol may be delisted")
        interval = request.query_params.get("interval", "1d")
        timeframe = INTERVALS.get(interval, interval)
        if timeframe not in (venue.timeframe, "1d"):
            text = f"Invalid input - interval={interval[:20]} is not supported. Valid intervals: "
            return _problem(422, "Unprocessable Entity", f"{text}[{venue.timeframe}, 1d]")
        span = _span(request, venue.now())
        if span is None:
            return _problem(400, "Bad Request", "Invalid input - period1, period2 or range")
        return answer(_chart(venue, symbol.upper(), encoded.tape, span=span, timeframe=timeframe))

    return router


def _problem(status: int, code: str, text: str) -> Response:
    return answer({"chart": {"result": None, "error": {"code": code, "description": text}}}, status=status)


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


def _chart(venue: PlayedVenue, name: str, tape: Tape, *, span: tuple[int, int], timeframe: str) -> dict[str, Any]:
    meta, known = _meta(venue, name, tape, timeframe), venue.known(tape)
    # Days of a recording of shorter candles are not played: their meta data alone is answered.
    n_shown = known.n_visible if timeframe == venue.timeframe else 0
    opens_s = tape.opens_us[:n_shown] // 1_000_000
    first, last = np.searchsorted(opens_s, span).tolist()
    if timeframe != "1d":
        meta["tradingPeriods"] = _trading_periods(tape.symbol, opens_s[first:last])
    result: dict[str, Any] = {"meta": meta, "indicators": {"quote": [{}]}}
    if last > first:
        rows = tape.rows(first, last, known)
        adjusted = tape.adjusted[first:last] * (rows[:, 3] / tape.values[first:last, 3])
        # orjson writes NaN as null, as Yahoo does for a missing figure.
        quote = {field: np.ascontiguousarray(rows[:, place]) for place, field in enumerate(PRICE_COLUMNS)}
        result["timestamp"] = opens_s[first:last]
        result["indicators"] = {"quote": [quote], "adjclose": [{"adjclose": adjusted}]}
    return {"chart": {"result": [result], "error": None}}


def _meta(venue: PlayedVenue, name: str, tape: Tape, timeframe: str) -> dict[str, Any]:
    now, known = venue.now(), venue.known(tape)
    zone = ZONES[tape.symbol.asset_class]
    offset_s = int((now.astimezone(zone).utcoffset() or timedelta()).total_seconds())
    last = known.n_visible
    opens, closes = _sessions(tape.symbol, now - timedelta(days=1), now + timedelta(days=7))
    regular = _period(int(opens[0]) // 1_000_000, int(closes[0]) // 1_000_000, offset_s)
    return MARKETS[tape.symbol.asset_class] | {
        "symbol": name,
        "firstTradeDate": int(tape.opens_us[0]) // 1_000_000 if len(tape.opens_us) else None,
        "regularMarketTime": known.now_us // 1_000_000,
        "hasPrePostMarketData": False,
        "gmtoffset": offset_s,
        "timezone": now.astimezone(zone).tzname(),
        "exchangeTimezoneName": zone.key,
        "regularMarketPrice": float(tape.rows(last - 1, last, known)[0, 3]) if last else None,
        "priceHint": 2,
        "currentTradingPeriod": {"pre": regular, "regular": regular, "post": regular},
        "dataGranularity": timeframe,
        "range": "",
        "validRanges": [*RANGE_DAYS, "ytd"],
    }


def _trading_periods(symbol: Symbol, opens_s: NDArray[np.int64]) -> list[list[dict[str, Any]]]:
    if not len(opens_s):
        return []
    first, last = (datetime.fromtimestamp(int(edge), UTC) for edge in (opens_s[0], opens_s[-1]))
    opens, closes = _sessions(symbol, first, last + timedelta(seconds=1))
    offset_s = int((last.astimezone(ZONES[symbol.asset_class]).utcoffset() or timedelta()).total_seconds())
    return [[_period(int(o) // 1_000_000, int(c) // 1_000_000, offset_s)] for o, c in zip(opens, closes, strict=True)]


def _sessions(symbol: Symbol, start: datetime, end: datetime) -> tuple[Microseconds, Microseconds]:
    if symbol.calendar != ALWAYS_OPEN:
        return session_spans(start, end, calendar=symbol.calendar)
    opens = np.arange(microseconds(start) // DAY_US * DAY_US, microseconds(end), DAY_US, dtype=np.int64)
    return opens, opens + DAY_US


def _period(start_s: int, end_s: int, offset_s: int) -> dict[str, Any]:
    return {"timezone": "EST", "start": start_s, "end": end_s, "gmtoffset": offset_s}
