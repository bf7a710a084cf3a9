"""The replay's Binance spot REST: exchangeInfo, klines, ticker/price, ticker/24hr, time, ping."""

from typing import Any

import numpy as np
import orjson
from fastapi import APIRouter, Request, Response
from numpy.typing import NDArray

from candlecast.market.symbols import Symbol
from candlecast.replay.tape import Tape, decimal_text
from candlecast.replay.wire.encoding import EncodedTape, RowFormat
from candlecast.replay.wire.played import JSON, Dialect, PlayedVenue, answer, day_figures

DEFAULT_LIMIT, MAX_LIMIT = 500, 1_000
# Quote volume, number of trades and taker volumes are not recorded.
ROW = RowFormat('[{open_ms},"{open}","{high}","{low}","{close}","{volume}",{close_ms},"0",0,"0","0","0"]')
BINANCE = Dialect("binance", ("crypto",), lambda symbol: symbol.name.replace("/", ""), ROW)


class WireError(Exception):
    """A request that Binance answers with ``{"code": …, "msg": …}`` and HTTP 400."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.body = orjson.dumps({"code": code, "msg": message})


def build_binance_routes(venue: PlayedVenue) -> APIRouter:
    """Return the REST routes that speak for `venue` as Binance does."""
    router = APIRouter(prefix="/api/v3")
    _add_general(router, venue)
    _add_prices(router, venue)
    return router


def _add_general(router: APIRouter, venue: PlayedVenue) -> None:
    info = [_describe(wire_name, symbol) for wire_name, symbol in venue.symbols.items()]

    @router.get("/ping")
    async def ping() -> Response:
        return answer({})

    @router.get("/time")
    async def server_time() -> Response:
        return answer({"serverTime": venue.now_us() // 1_000})

    @router.get("/exchangeInfo")
    async def exchange_info() -> Response:
        head = {"timezone": "UTC", "serverTime": venue.now_us() // 1_000, "rateLimits": [], "exchangeFilters": []}
        return answer(head | {"symbols": info})


def _add_prices(router: APIRouter, venue: PlayedVenue) -> None:
    @router.get("/klines")
    async def klines(request: Request) -> Response:
        encoded = _asked(venue, request)
        if request.query_params.get("interval") != venue.timeframe:
            raise WireError(-1120, "Invalid interval.")
        known = venue.known(encoded.tape)
        first, last = _span(request, encoded.tape.opens_us // 1_000, known.n_visible)
        return Response(encoded.page(first, last, known), media_type=JSON)

    @router.get("/ticker/price")
    async def ticker_price(request: Request) -> Response:
        if "symbol" not in request.query_params:
            return answer([_price(venue, wire_name) for wire_name in venue.symbols])
        _asked(venue, request)
        return answer(_price(venue, request.query_params["symbol"]))

    @router.get("/ticker/24hr")
    async def ticker_24hr(request: Request) -> Response:
        return answer({"symbol": request.query_params.get("symbol")} | _day(venue, _asked(venue, request).tape))


def _asked(venue: PlayedVenue, request: Request) -> EncodedTape:
    wire_name = request.query_params.get("symbol", "")
    if not wire_name:
        raise WireError(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
    encoded = venue.encoded(wire_name)
    if encoded is None:
        raise WireError(-1121, "Invalid symbol.")
    return encoded


def _span(request: Request, opens_ms: NDArray[np.int64], n_visible: int) -> tuple[int, int]:
    start, end = _integer(request, "startTime"), _integer(request, "endTime")
    asked = _integer(request, "limit")
    limit = DEFAULT_LIMIT if asked is None else min(asked, MAX_LIMIT)
    if limit < 1:
        raise WireError(-1100, "Illegal characters found in parameter 'limit'; legal range is '1' to '1000'.")
    last = n_visible
    if end is not None:
        last = min(last, int(np.searchsorted(opens_ms, end, side="right")))
    if start is None:
        return max(0, last - limit), last
    first = int(np.searchsorted(opens_ms, start))
    return first, min(last, first + limit)


def _integer(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise WireError(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")
    return int(text)


def _price(venue: PlayedVenue, wire_name: str) -> dict[str, str]:
    encoded = venue.encoded(wire_name)
    day = None if encoded is None else day_figures(encoded.tape, venue.known(encoded.tape))
    if day is None:
        raise WireError(-1121, "Invalid symbol.")
    return {"symbol": wire_name, "price": decimal_text(day.last)}


def _day(venue: PlayedVenue, tape: Tape) -> dict[str, Any]:
    day = day_figures(tape, venue.known(tape))
    if day is None:
        raise WireError(-1121, "Invalid symbol.")
    figures = {
        "priceChange": day.last - day.open,
        "priceChangePercent": round(100 * (day.last - day.open) / day.open, 3),
        "lastPrice": day.last,
        "openPrice": day.open,
        "highPrice": day.high,
        "lowPrice": day.low,
        "volume": day.volume,
    }
    times = {"openTime": day.first_open_us // 1_000, "closeTime": venue.now_us() // 1_000}
    return {name: decimal_text(value) for name, value in figures.items()} | times


def _describe(wire_name: str, symbol: Symbol) -> dict[str, Any]:
    base, quote = symbol.name.split("/", 1)
    step = "0.00000001"
    return {
        "symbol": wire_name,
        "status": "TRADING",
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "orderTypes": ["LIMIT", "MARKET"],
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": step, "maxPrice": "1000000.00000000", "tickSize": step},
            {"filterType": "LOT_SIZE", "minQty": step, "maxQty": "9000000.00000000", "stepSize": step},
            {"filterType": "NOTIONAL", "minNotional": "5.00000000", "maxNotional": "9000000.00000000"},
        ],
        "permissions": ["SPOT"],
    }
