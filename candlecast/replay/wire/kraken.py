"""The replay's Kraken REST: AssetPairs, Assets, OHLC (the newest 720 candles), Ticker, Time, SystemStatus."""

from typing import Any

import numpy as np
from fastapi import APIRouter, Request, Response

from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.replay.tape import decimal_text
from candlecast.replay.wire.encoding import EncodedTape, RowFormat
from candlecast.replay.wire.played import JSON, Dialect, PlayedVenue, answer, day_figures

MAX_CANDLES = 720
# The volume-weighted price and the number of trades are not recorded.
ROW = RowFormat('[{open_s},"{open}","{high}","{low}","{close}","{close}","{volume}",0]')
# Kraken's own codes of some assets, then the asset ids that begin with X (coins) or Z (state money).
CODES = {"BTC": "XBT", "DOGE": "XDG", "LUNC": "LUNA", "LUNA": "LUNA2", "REP": "REPV2", "USTC": "UST"}
COINS = {"ETC", "ETH", "LTC", "MLN", "XBT", "XDG", "XLM", "XMR", "XRP", "ZEC"}
STATE_MONEY = {"AUD", "CAD", "EUR", "GBP", "JPY", "USD"}
PRECISION = 8


def asset_id(asset: str) -> str:
    """Return Kraken's id of an asset: ``XXBT`` of BTC, ``ZUSD`` of USD, ``SOL`` of SOL."""
    code = CODES.get(asset, asset)
    prefix = "X" if code in COINS else "Z" if code in STATE_MONEY else ""
    return prefix + code


def pair_id(symbol: Symbol) -> str:
    """Return Kraken's id of a pair: ``XXBTZUSD`` of BTC/USD, ``XBTUSDT`` of BTC/USDT."""
    base, quote = symbol.name.split("/", 1)
    if CODES.get(base, base) in COINS and quote in STATE_MONEY:
        return asset_id(base) + asset_id(quote)
    return _short_name(symbol)


KRAKEN = Dialect("kraken", ("crypto",), pair_id, ROW)


def build_kraken_routes(venue: PlayedVenue) -> APIRouter:
    """Return the routes that speak for `venue` as Kraken does."""
    router = APIRouter(prefix="/0/public")
    pairs = {wire_name: _describe(symbol) for wire_name, symbol in venue.symbols.items()}

    @router.get("/AssetPairs")
    async def asset_pairs() -> Response:
        return _result(pairs)

    @router.get("/Assets")
    async def assets() -> Response:
        return _result(_assets(list(venue.symbols.values())))

    @router.get("/Time")
    async def server_time() -> Response:
        moment = venue.now()
        rfc1123 = moment.strftime("%a, %d %b %y %H:%M:%S +0000")
        return _result({"unixtime": int(moment.timestamp()), "rfc1123": rfc1123})

    @router.get("/SystemStatus")
    async def system_status() -> Response:
        return _result({"status": "online", "timestamp": venue.now().strftime("%Y-%m-%dT%H:%M:%SZ")})

    @router.get("/OHLC")
    async def ohlc(request: Request) -> Response:
        return _ohlc(venue, request)

    @router.get("/Ticker")
    async def ticker(request: Request) -> Response:
        return _tickers(venue, request)

    return router


def _ohlc(venue: PlayedVenue, request: Request) -> Response:
    found, since = _asked(venue, request), request.query_params.get("since", "0")
    if found is None:
        return _error("EQuery:Unknown asset pair")
    interval = request.query_params.get("interval", "1")
    if interval != str(timeframe_s(venue.timeframe) // 60) or not since.isdecimal() or len(since) > 12:
        return _error("EGeneral:Invalid arguments")
    return Response(_page(venue, *found, since_s=int(since)), media_type=JSON)


def _tickers(venue: PlayedVenue, request: Request) -> Response:
    found = _asked(venue, request)
    if found is None and "pair" in request.query_params:
        return _error("EQuery:Unknown asset pair")
    wanted = [found] if found else [(name, venue.encoded(name)) for name in venue.symbols]
    days = {name: _ticker(venue, encoded) for name, encoded in wanted if encoded is not None}
    return _result({name: day for name, day in days.items() if day is not None})


def _asked(venue: PlayedVenue, request: Request) -> tuple[str, EncodedTape] | None:
    # A pair is asked for by its id or its short name.
    text = request.query_params.get("pair", "")
    named = [name for name, symbol in venue.symbols.items() if text in (name, _short_name(symbol))]
    encoded = venue.encoded(named[0]) if named else None
    return None if encoded is None else (named[0], encoded)


def _page(venue: PlayedVenue, wire_name: str, encoded: EncodedTape, *, since_s: int) -> bytes:
    known = venue.known(encoded.tape)
    opens_s = encoded.tape.opens_us // 1_000_000
    # `since` is the newest candle that the caller has; older ones than the newest 720 are never served.
    first = max(int(np.searchsorted(opens_s, since_s, side="right")), known.n_visible - MAX_CANDLES)
    rows = encoded.page(first, known.n_visible, known)
    last_s = int(opens_s[known.n_closed - 1]) if known.n_closed else since_s
    return b'{"error":[],"result":{"%s":%s,"last":%d}}' % (wire_name.encode(), rows, last_s)


def _ticker(venue: PlayedVenue, encoded: EncodedTape) -> dict[str, Any] | None:
    day = day_figures(encoded.tape, venue.known(encoded.tape))
    if day is None:
        return None
    price, volume = decimal_text(day.last), decimal_text(day.volume)
    return {
        "a": [price, "1", "1.000"], "b": [price, "1", "1.000"], "c": [price, "1.000"],
        "v": [volume, volume], "p": [price, price], "t": [0, 0],
        "l": [decimal_text(day.low)] * 2, "h": [decimal_text(day.high)] * 2, "o": decimal_text(day.open),
    }  # fmt: skip


def _short_name(symbol: Symbol) -> str:
    base, quote = symbol.name.split("/", 1)
    return CODES.get(base, base) + CODES.get(quote, quote)


def _describe(symbol: Symbol) -> dict[str, Any]:
    base, quote = symbol.name.split("/", 1)
    return {
        "altname": _short_name(symbol),
        "wsname": f"{CODES.get(base, base)}/{CODES.get(quote, quote)}",
        "aclass_base": "currency",
        "base": asset_id(base),
        "aclass_quote": "currency",
        "quote": asset_id(quote),
        "pair_decimals": PRECISION,
        "lot_decimals": PRECISION,
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, 0.26]],
        "fees_maker": [[0, 0.16]],
        "ordermin": "0.0001",
        "status": "online",
    }


def _assets(symbols: list[Symbol]) -> dict[str, Any]:
    names = sorted({part for symbol in symbols for part in symbol.name.split("/", 1)})
    figures = {"aclass": "currency", "decimals": 10, "display_decimals": PRECISION, "status": "enabled"}
    return {asset_id(name): {"altname": CODES.get(name, name)} | figures for name in names}


def _result(content: object) -> Response:
    return answer({"error": [], "result": content})


def _error(text: str) -> Response:
    # Kraken says what is wrong in an answer that is otherwise well.
    return answer({"error": [text]})
