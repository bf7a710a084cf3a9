"""The replay's Coinbase REST without keys: products, candles (350 a call), ticker, currencies, time."""

from typing import Any

import numpy as np
from fastapi import APIRouter, Request, Response

from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.replay.tape import decimal_text
from candlecast.replay.wire.encoding import EncodedTape, RowFormat
from candlecast.replay.wire.played import JSON, Dialect, PlayedVenue, answer, day_figures

MAX_CANDLES = 350
GRANULARITIES = {
    "1m": "ONE_MINUTE", "5m": "FIVE_MINUTE", "15m": "FIFTEEN_MINUTE", "1h": "ONE_HOUR", "1d": "ONE_DAY",
}  # fmt: skip
ROW = RowFormat(
    '{{"start":"{open_s}","low":"{low}","high":"{high}","open":"{open}","close":"{close}","volume":"{volume}"}}',
    newest_first=True,
)
COINBASE = Dialect("coinbase", ("crypto",), lambda symbol: symbol.name.replace("/", "-"), ROW)
STEP = "0.00000001"
PRODUCTS = "/api/v3/brokerage/market/products"


def build_coinbase_routes(venue: PlayedVenue) -> APIRouter:
    """Return the routes that speak for `venue` as Coinbase does."""
    router = APIRouter()
    _add_products(router, venue)
    _add_times(router, venue)
    _add_currencies(router, venue)
    return router


def _add_products(router: APIRouter, venue: PlayedVenue) -> None:
    @router.get(PRODUCTS)
    async def list_products(request: Request) -> Response:
        spot = request.query_params.get("product_type", "SPOT") == "SPOT"
        found = [_describe(venue, name) for name in venue.symbols] if spot else []
        return answer({"products": found, "num_products": len(found)})

    @router.get(PRODUCTS + "/{product}")
    async def one_product(product: str) -> Response:
        return answer(_describe(venue, product)) if venue.encoded(product) else _not_found(product)

    @router.get(PRODUCTS + "/{product}/candles")
    async def candles(product: str, request: Request) -> Response:
        encoded = venue.encoded(product)
        return _not_found(product) if encoded is None else _candles(venue, encoded, request)

    @router.get(PRODUCTS + "/{product}/ticker")
    async def ticker(product: str) -> Response:
        encoded = venue.encoded(product)
        return _not_found(product) if encoded is None else _ticker(venue, product, encoded)


def _add_times(router: APIRouter, venue: PlayedVenue) -> None:
    @router.get("/api/v3/brokerage/time")
    async def server_time() -> Response:
        now_ms = venue.now_us() // 1_000
        return answer({"iso": _iso(venue), "epochSeconds": str(now_ms // 1_000), "epochMillis": str(now_ms)})

    @router.get("/v2/time")
    async def old_server_time() -> Response:
        return answer({"data": {"iso": _iso(venue), "epoch": venue.now_us() // 1_000_000}})


def _add_currencies(router: APIRouter, venue: PlayedVenue) -> None:
    @router.get("/v2/currencies")
    async def state_money() -> Response:
        return answer({"data": [{"id": "USD", "name": "US Dollar", "min_size": "0.01"}]})

    @router.get("/v2/currencies/crypto")
    async def coins() -> Response:
        return answer({"data": _coins(list(venue.symbols.values()))})

    @router.get("/v2/exchange-rates")
    async def exchange_rates() -> Response:
        return answer({"data": {"currency": "USD", "rates": {"USD": "1.0"}}})


def _candles(venue: PlayedVenue, encoded: EncodedTape, request: Request) -> Response:
    query = request.query_params
    texts = {name: query.get(name, "") for name in ("start", "end")}
    if not all(text.isdecimal() and len(text) <= 12 for text in texts.values()):
        return _refuse(400, "INVALID_ARGUMENT", "start and end must be seconds since 1970")
    if query.get("granularity") != GRANULARITIES.get(venue.timeframe, ""):
        return _refuse(400, "INVALID_ARGUMENT", f"granularity is not played, only {venue.timeframe}")
    start_s, end_s = int(texts["start"]), int(texts["end"])
    if (end_s - start_s) // timeframe_s(venue.timeframe) >= MAX_CANDLES:
        text = f"number of candles requested should be less than {MAX_CANDLES}"
        return _refuse(400, "INVALID_ARGUMENT", text)
    known, opens_s = venue.known(encoded.tape), encoded.tape.opens_us // 1_000_000
    first = int(np.searchsorted(opens_s, start_s))
    last = min(int(np.searchsorted(opens_s, end_s, side="right")), known.n_visible)
    return Response(b'{"candles":' + encoded.page(first, last, known) + b"}", media_type=JSON)


def _ticker(venue: PlayedVenue, product: str, encoded: EncodedTape) -> Response:
    day = day_figures(encoded.tape, venue.known(encoded.tape))
    if day is None:
        return answer({"trades": [], "best_bid": "", "best_ask": ""})
    price = decimal_text(day.last)
    trade = {"trade_id": "1", "product_id": product, "price": price, "size": "1", "time": _iso(venue), "side": "BUY"}
    return answer({"trades": [trade], "best_bid": price, "best_ask": price})


def _describe(venue: PlayedVenue, product: str) -> dict[str, Any]:
    base, quote = product.split("-", 1)
    encoded = venue.encoded(product)
    day = None if encoded is None else day_figures(encoded.tape, venue.known(encoded.tape))
    return {
        "product_id": product,
        "price": "" if day is None else decimal_text(day.last),
        "price_percentage_change_24h": "" if day is None else decimal_text(100 * (day.last / day.open - 1)),
        "volume_24h": "" if day is None else decimal_text(day.volume),
        "base_increment": STEP, "quote_increment": STEP, "price_increment": STEP,
        "base_min_size": STEP, "base_max_size": "1000000", "quote_min_size": "1", "quote_max_size": "10000000",
        "status": "online", "trading_disabled": False, "is_disabled": False, "view_only": False,
        "product_type": "SPOT", "base_currency_id": base, "quote_currency_id": quote, "alias": "", "alias_to": [],
        "display_name": product,
    }  # fmt: skip


def _coins(symbols: list[Symbol]) -> list[dict[str, Any]]:
    names = sorted({part for symbol in symbols for part in symbol.name.split("/", 1)} - {"USD"})
    return [
        {"asset_id": name, "code": name, "name": name, "exponent": 8, "sort_index": place, "type": "crypto"}
        for place, name in enumerate(names)
    ]


def _iso(venue: PlayedVenue) -> str:
    return venue.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _not_found(product: str) -> Response:
    return _refuse(404, "NOT_FOUND", f"product {product[:40]} is not valid")


def _refuse(status: int, code: str, text: str) -> Response:
    return answer({"error": code, "error_details": text, "message": text}, status=status)
