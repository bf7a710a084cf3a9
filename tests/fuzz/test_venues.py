"""Whatever a venue answers in the place of candles: is it candles, or our error?"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from fastapi import FastAPI, Request, Response

from candlecast.errors import InvalidRequestError, SourceError
from candlecast.market.candles import CANDLE_COLUMNS
from candlecast.market.symbols import Symbol
from candlecast.market.validation import validate_candles
from candlecast.market.venues.factory import open_venue
from candlecast.replay.server import build_replay
from candlecast.settings import MarketSettings
from tests.builders import make_frozen_clock, make_small_recording
from tests.fuzz.budget import searched
from tests.fuzz.outcome import result_of
from tests.fuzz.spoiling import bodies_like
from tests.loopback import serve_app

HOUR = timedelta(hours=1)
RECORDING = make_small_recording(["BTC/USDT", "BTC/USD"], 40)
END = RECORDING.end
# where a venue is asked for candles, and its answer for two of them
_T = int((END - 4 * HOUR).timestamp())
_ROW = ["4.0", "5.0", "3.0", "4.5", "10.0"]
ASKED = {
    "binance": ("/api/v3/klines", [
        [(_T + n * 3_600) * 1_000, *_ROW, (_T + n * 3_600) * 1_000 + 3_599_999, "45", 9, "5", "20", "0"] for n in (0, 1)
    ]),
    "kraken": ("/0/public/OHLC", {
        "error": [], "result": {"XBTUSDT": [[_T + n * 3_600, *_ROW[:4], "4.2", "10.0", 9] for n in (0, 1)], "last": _T},
    }),
    "coinbase": ("/api/v3/brokerage/market/products", {
        "candles": [
            {"start": str(_T), "low": "3.0", "high": "5.0", "open": "4.0", "close": "4.5", "volume": "10.0"}
        ],
    }),
    "yahoo": ("/v8/finance/chart", {
        "chart": {"error": None, "result": [{
            "meta": {
                "currency": "USD", "symbol": "BTC-USD", "exchangeTimezoneName": "UTC", "timezone": "UTC",
                "gmtoffset": 0,
                "instrumentType": "CRYPTOCURRENCY", "regularMarketPrice": 4.5, "priceHint": 2, "dataGranularity": "1h",
                "validRanges": ["1d", "max"],
            },
            "timestamp": [_T, _T + 3_600],
            "indicators": {
                "quote": [{"open": [4, 4], "high": [5, 5], "low": [3, 3], "close": [4.5, 4.5], "volume": [10, 10]}],
                "adjclose": [{"adjclose": [4.5, 4.5]}],
            },
        }]},
    }),
}  # fmt: skip
PAIRS = {"coinbase": "BTC/USD", "yahoo": "BTC/USD"}


class Spoiled:
    """The replay server, whose answer for candles is `body` where one is set."""

    def __init__(self) -> None:
        self.body: bytes | None = None
        self.path = ""
        self.app = FastAPI()
        self.app.middleware("http")(self._answer)
        self.app.mount("/", build_replay(RECORDING, make_frozen_clock(END, END)))

    async def _answer(self, request: Request, go_on: Any) -> Response:
        if self.body is not None and request.url.path.startswith(self.path):
            return Response(self.body, media_type="application/json")
        return await go_on(request)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Spoiled, str]]:
    spoiled = Spoiled()
    with serve_app(spoiled.app) as url:
        yield spoiled, url


@contextmanager
def asking(name: str, url: str, folder: Path) -> Iterator[Any]:
    with asyncio.Runner() as runner:
        venue = runner.run(_opened(name, url, folder))
        try:
            yield lambda call: runner.run(asyncio.wait_for(call(venue), 20))
        finally:
            runner.run(venue.close())


async def _opened(name: str, url: str, folder: Path) -> Any:
    return open_venue(name, market=MarketSettings(venue_url=url), cache_folder=folder)


@pytest.mark.parametrize("name", ASKED)
def test_answer_in_the_place_of_candles_is_candles_or_an_error_of_ours(server, name, tmp_path):
    spoiled, url = server
    symbol = Symbol.parse(PAIRS.get(name, "BTC/USDT"), home=name)
    spoiled.path, right = ASKED[name]

    with asking(name, url, tmp_path) as ask:
        spoiled.body = None
        assert len(ask(lambda venue: venue.fetch_candles(symbol, "1h", start=END - 6 * HOUR, end=END))) == 6

        @searched(60)
        @hypothesis.given(body=bodies_like(right))
        def answer(body):
            spoiled.body = body
            for call in (
                lambda venue: venue.fetch_candles(symbol, "1h", start=END - 6 * HOUR, end=END),
                lambda venue: venue.fetch_price(symbol),
            ):
                found = result_of(lambda call=call: ask(call), errors=(SourceError, InvalidRequestError))
                if found is not None and not isinstance(found, float):
                    assert_candles(found, symbol)

        answer()


@pytest.mark.parametrize(("name", "path"), [("binance", "/api/v3/exchangeInfo"), ("kraken", "/0/public/AssetPairs")])
def test_answer_in_the_place_of_markets_is_markets_or_an_error_of_ours(server, name, path, tmp_path):
    spoiled, url = server
    symbol = Symbol.parse("BTC/USDT", home=name)
    right = listing(server, path)

    @searched(15)
    @hypothesis.given(body=bodies_like(right))
    def answer(body):
        spoiled.path, spoiled.body = path, body
        with asking(name, url, tmp_path) as ask:
            found = result_of(
                lambda: ask(lambda venue: venue.fetch_candles(symbol, "1h", start=END - 6 * HOUR, end=END)),
                errors=(SourceError, InvalidRequestError),
            )
            assert found is None or len(found) == 6

    answer()


def listing(server, path):
    import httpx2

    spoiled, url = server
    spoiled.body = None
    return httpx2.get(url + path, trust_env=False).json()


def assert_candles(frame, symbol):
    assert list(frame.columns) == list(CANDLE_COLUMNS)
    judged = validate_candles(frame, symbol=symbol, timeframe="1h", now=END)
    candles = judged.candles
    assert candles["open_time"].is_monotonic_increasing
    assert (candles[["open", "high", "low", "close"]] > 0).all(axis=None)
    assert (candles["close_time"] <= END).all()
