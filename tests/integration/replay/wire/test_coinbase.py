import asyncio
from datetime import timedelta

import httpx2
import pytest

from candlecast.replay.server import build_replay
from tests.builders import make_frozen_clock, make_small_recording
from tests.integration.replay.clients import open_client
from tests.loopback import serve_app

N_CLOSED = 1_000
CANDLES = "/api/v3/brokerage/market/products/BTC-USDT/candles"


@pytest.fixture(scope="module")
def recording():
    return make_small_recording(["BTC/USDT", "ETH/USD"], 1_200)


@pytest.fixture(scope="module")
def address(recording):
    now = recording.start + timedelta(hours=N_CLOSED, minutes=30)
    with serve_app(build_replay(recording, make_frozen_clock(now, recording.end))) as url:
        yield url


def ask(address, call):
    async def run():
        async with open_client("coinbase", address) as client:
            return await call(client)

    return asyncio.run(run())


def get(address, path, **query):
    return httpx2.get(f"{address}{path}", params=query, trust_env=False)


def test_ccxt_finds_the_recorded_pairs(address):
    markets = ask(address, lambda client: client.load_markets())

    assert {name: market["id"] for name, market in markets.items()} == {"BTC/USDT": "BTC-USDT", "ETH/USD": "ETH-USD"}
    assert all(market["active"] for market in markets.values())


def test_ccxt_reads_the_recorded_candles_and_the_running_one(address, recording):
    frame = recording.series["BTC/USDT"].candles
    since = int(frame["open_time"][N_CLOSED - 5].timestamp() * 1_000)

    rows = ask(address, lambda client: client.fetch_ohlcv("BTC/USDT", "1h", since=since))

    expected = frame.loc[N_CLOSED - 5 : N_CLOSED - 1, ["open", "high", "low", "close", "volume"]].to_numpy().tolist()
    assert [row[1:] for row in rows[:-1]] == expected
    assert rows[0][0] == since
    assert rows[-1][:2] == [frame["open_time"][N_CLOSED].timestamp() * 1_000, frame["open"][N_CLOSED]]


def test_candles_come_newest_first_with_both_ends(address, recording):
    opens = [int(moment.timestamp()) for moment in recording.series["BTC/USDT"].candles["open_time"]]

    found = get(address, CANDLES, start=opens[10], end=opens[12], granularity="ONE_HOUR").json()["candles"]

    assert [int(candle["start"]) for candle in found] == [opens[12], opens[11], opens[10]]


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ({"start": 0, "end": 350 * 3_600, "granularity": "ONE_HOUR"}, 400, "less than 350"),
        ({"start": 0, "end": 3_600, "granularity": "ONE_MINUTE"}, 400, "only 1h"),
        ({"start": "soon", "end": 3_600, "granularity": "ONE_HOUR"}, 400, "seconds since 1970"),
    ],
)
def test_candles_of_a_bad_request_say_what_is_wrong(address, query, status, text):
    answer = get(address, CANDLES, **query)

    assert answer.status_code == status
    assert text in answer.json()["message"]


def test_ccxt_reads_price_and_time(address, recording):
    async def both(client):
        return await client.fetch_ticker("ETH/USD"), await client.fetch_time()

    ticker, time_ms = ask(address, both)

    final = recording.series["ETH/USD"].candles.loc[N_CLOSED]
    assert final["low"] <= ticker["last"] <= final["high"]
    assert time_ms == (recording.start + timedelta(hours=N_CLOSED, minutes=30)).timestamp() * 1_000


@pytest.mark.parametrize("path", ["", "/ticker", "/candles"])
def test_an_unknown_product_is_not_found(address, path):
    answer = get(address, f"/api/v3/brokerage/market/products/NOPE-USD{path}")

    assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


def test_one_product_and_the_newer_time_are_answered(address):
    product = get(address, "/api/v3/brokerage/market/products/BTC-USDT").json()
    moment = get(address, "/api/v3/brokerage/time").json()

    assert float(product["price"]) > 0
    assert moment["epochMillis"].startswith(moment["epochSeconds"])
