"""The replay's Binance spot REST: exchangeInfo, klines, ticker/price, ticker/24hr, time, ping."""

from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Request, Response
from numpy.typing import NDArray

from candlecast.clock import Clock
from candlecast.replay.recordings import Recording
from candlecast.replay.tape import Known, PartialCandle, Tape, decimal_text, microseconds

DEFAULT_LIMIT, MAX_LIMIT = 500, 1_000
# Quote volume, number of trades and taker volumes are not recorded.
UNRECORDED = '"0",0,"0","0","0"]'
JSON = "application/json;charset=UTF-8"


class WireError(Exception):
    """A request that Binance answers with ``{"code": …, "msg": …}`` and HTTP 400."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.body = orjson.dumps({"code": code, "msg": message})


class EncodedTape:
    """A tape whose closed candles are encoded once, as one run of bytes that pages are cut from."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.opens_ms = tape.opens_us // 1_000
        self._rows = b""
        self._offsets = np.zeros(1, dtype=np.int64)

    def page(self, first: int, last: int, known: Known) -> bytes:
        """Return candles ``first`` to ``last`` (excluded) as a JSON array of 12-field rows."""
        if not self._rows:
            self._rows, self._offsets = _encode(self.tape)
        closed_last = min(last, known.n_closed)
        rows = self._rows[self._offsets[first] : self._offsets[closed_last]] if closed_last > first else b""
        if known.running is not None and first <= known.n_closed < last:
            rows += self._encode_running(known.n_closed, known.running)
        return b"[" + rows[:-1] + b"]"

    def _encode_running(self, index: int, candle: PartialCandle) -> bytes:
        prices = ",".join(f'"{decimal_text(value)}"' for value in candle)
        close_ms = int(self.tape.closes_us[index]) // 1_000 - 1
        return f"[{self.opens_ms[index]},{prices},{close_ms},{UNRECORDED},".encode()


def build_binance_routes(recording: Recording, clock: Clock) -> APIRouter:
    """Return the routes that speak for the crypto pairs of `recording` at the time of `clock`."""
    router = APIRouter(prefix="/api/v3")
    tapes = {
        name.replace("/", ""): EncodedTape(Tape(series))
        for name, series in recording.series.items()
        if series.symbol.asset_class == "crypto"
    }
    info = [_describe(tape.tape.symbol.name) for tape in tapes.values()]

    @router.get("/ping")
    async def ping() -> Response:
        return Response(b"{}", media_type=JSON)

    @router.get("/time")
    async def server_time() -> Response:
        return _answer({"serverTime": microseconds(clock.now()) // 1_000})

    @router.get("/exchangeInfo")
    async def exchange_info() -> Response:
        now_ms = microseconds(clock.now()) // 1_000
        return _answer(
            {"timezone": "UTC", "serverTime": now_ms, "rateLimits": [], "exchangeFilters": [], "symbols": info}
        )

    @router.get("/klines")
    async def klines(request: Request) -> Response:
        encoded = _tape_of(tapes, request)
        if request.query_params.get("interval") != recording.timeframe:
            raise WireError(-1120, "Invalid interval.")
        known = encoded.tape.known(clock.now())
        first, last = _span(request, encoded.opens_ms, known.n_visible)
        return Response(encoded.page(first, last, known), media_type=JSON)

    @router.get("/ticker/price")
    async def ticker_price(request: Request) -> Response:
        if "symbol" not in request.query_params:
            return _answer([_price(name, tape.tape, clock) for name, tape in tapes.items()])
        return _answer(_price(request.query_params["symbol"], _tape_of(tapes, request).tape, clock))

    @router.get("/ticker/24hr")
    async def ticker_24hr(request: Request) -> Response:
        return _answer(_day(request.query_params.get("symbol", ""), _tape_of(tapes, request).tape, clock))

    return router


def _answer(content: object) -> Response:
    return Response(orjson.dumps(content), media_type=JSON)


def _tape_of(tapes: dict[str, EncodedTape], request: Request) -> EncodedTape:
    symbol = request.query_params.get("symbol", "")
    if not symbol:
        raise WireError(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
    if symbol not in tapes:
        raise WireError(-1121, "Invalid symbol.")
    return tapes[symbol]


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


def _price(name: str, tape: Tape, clock: Clock) -> dict[str, str]:
    known = tape.known(clock.now())
    if known.n_visible == 0:
        raise WireError(-1121, "Invalid symbol.")
    return {"symbol": name, "price": decimal_text(tape.row(known, known.n_visible - 1).close)}


def _day(name: str, tape: Tape, clock: Clock) -> dict[str, Any]:
    known, now_us = tape.known(clock.now()), microseconds(clock.now())
    first = min(int(np.searchsorted(tape.opens_us, now_us - 86_400_000_000)), known.n_visible - 1)
    if known.n_visible == 0:
        raise WireError(-1121, "Invalid symbol.")
    rows = [tape.row(known, index) for index in range(first, known.n_visible)]
    change = rows[-1].close - rows[0].open
    figures = {
        "priceChange": change,
        "priceChangePercent": round(100 * change / rows[0].open, 3),
        "lastPrice": rows[-1].close,
        "openPrice": rows[0].open,
        "highPrice": max(row.high for row in rows),
        "lowPrice": min(row.low for row in rows),
        "volume": sum(row.volume for row in rows),
    }
    times = {"openTime": int(tape.opens_us[first]) // 1_000, "closeTime": now_us // 1_000}
    return {"symbol": name} | {key: decimal_text(value) for key, value in figures.items()} | times


def _describe(name: str) -> dict[str, Any]:
    base, quote = name.split("/", 1)
    step = "0.00000001"
    return {
        "symbol": f"{base}{quote}",
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


def _encode(tape: Tape) -> tuple[bytes, NDArray[np.int64]]:
    # One Arrow buffer holds all rows, each ended by a comma; a page is a slice of it.
    closes_ms = tape.closes_us // 1_000 - 1
    parts = [pa.array(tape.opens_us // 1_000).cast(pa.large_string()), pa.scalar(',"', pa.large_string())]
    for column in range(tape.values.shape[1]):
        parts += [_decimals(tape.values[:, column]), pa.scalar('","', pa.large_string())]
    parts[-1] = pa.scalar('",', pa.large_string())
    parts += [pa.array(closes_ms).cast(pa.large_string()), pa.scalar(f",{UNRECORDED},", pa.large_string())]
    head = pa.scalar("[", pa.large_string())
    rows = pc.binary_join_element_wise(head, *parts, pa.scalar("", pa.large_string()))
    _, offsets, data = rows.buffers()
    return data.to_pybytes(), np.frombuffer(offsets, dtype=np.int64)[: len(rows) + 1].copy()


def _decimals(values: NDArray[np.float64]) -> pa.Array:
    texts = pa.array(np.nan_to_num(values)).cast(pa.large_string())
    exponents = pc.match_substring(texts, "e").to_numpy(zero_copy_only=False)
    if not exponents.any():
        return texts
    written = [decimal_text(values[place]) for place in np.flatnonzero(exponents)]
    return pc.replace_with_mask(texts, pa.array(exponents), pa.array(written, pa.large_string()))
