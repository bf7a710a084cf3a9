import asyncio
import threading
import time

import ccxt
import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.integration.replay.clients import open_client

PRODUCTS = "/api/v3/brokerage/market/products"
ADDRESSES = {
    "binance": "/api/v3/klines?symbol=BTCUSDT&interval=1h",
    "kraken": "/0/public/OHLC?pair=XBTUSDT&interval=60",
    "coinbase": f"{PRODUCTS}/BTC-USDT/candles?granularity=ONE_HOUR&start=1609718400&end=1609754400",
    "yahoo": "/v8/finance/chart/BTC-USD?interval=1h&range=1d",
}


@pytest.mark.parametrize("venue", sorted(ADDRESSES))
def test_a_fault_of_one_venue_leaves_the_others_alone(still, venue):
    still.load({"kind": "error", "status": 502, "venue": venue})

    statuses = {name: still.get(address).status_code for name, address in ADDRESSES.items()}

    assert statuses == dict.fromkeys(ADDRESSES, 200) | {venue: 502}


@pytest.mark.parametrize("venue", sorted(ADDRESSES))
def test_a_fault_of_one_symbol_is_one_of_its_requests(still, venue):
    still.load({"kind": "error", "symbols": ["ETH/USDT"]})

    other = ADDRESSES[venue].replace("BTC", "ETH").replace("XBT", "ETH")

    assert still.get(ADDRESSES[venue]).status_code == 200
    assert still.get(other).status_code == 503


def test_a_rate_limit_tells_when_to_come_back(still):
    still.load({"kind": "rate_limit", "length_s": 30})
    rest = still.klines()
    still.load({"kind": "rate_limit", "retry_after_s": 7})
    told = still.klines()

    assert (rest.status_code, told.status_code) == (429, 429)
    assert rest.headers["retry-after"] == "30"
    assert told.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("venue", "kind", "error"),
    [
        ("binance", "rate_limit", ccxt.DDoSProtection),
        ("binance", "blocked", ccxt.ExchangeNotAvailable),
        ("binance", "error", ccxt.OperationFailed),
        ("binance", "drop", ccxt.ExchangeError),
        ("kraken", "rate_limit", ccxt.DDoSProtection),
        ("kraken", "error", ccxt.ExchangeNotAvailable),
        ("coinbase", "error", ccxt.ExchangeError),
    ],
)
def test_ccxt_takes_refusals_for_what_they_are(still, venue, kind, error):
    async def run():
        async with open_client(venue, still.url) as client:
            await client.load_markets()
            still.load({"kind": kind})
            await client.fetch_ohlcv("BTC/USDT", "1h")

    with pytest.raises(error):
        asyncio.run(run())


def test_a_request_that_times_out_is_answered_when_the_fault_is_over(still):
    still.load({"kind": "timeout", "length_s": 0.5})
    asked_at = time.monotonic()

    with pytest.raises(httpx2.ReadTimeout):
        still.client.get(ADDRESSES["binance"], timeout=0.1)
    answer = still.klines()

    assert answer.status_code == 200
    assert time.monotonic() - asked_at > 0.4


def test_a_request_that_times_out_is_answered_when_the_fault_is_forgotten(still):
    still.load({"kind": "timeout", "length_s": 1_000})
    forgetting = threading.Timer(0.3, still.client.delete, args=["/faults"])
    forgetting.start()

    answer = httpx2.get(still.url + ADDRESSES["binance"], timeout=10, trust_env=False)

    forgetting.join()
    assert answer.status_code == 200


def test_a_dropped_connection_ends_in_the_middle_of_an_answer(still):
    still.load({"kind": "drop"})

    with pytest.raises(httpx2.RemoteProtocolError):
        still.klines()


@pytest.mark.parametrize(("kind", "status"), [("rate_limit", 429), ("blocked", 451), ("error", 503), ("drop", 503)])
def test_a_stream_is_refused_at_the_door(still, kind, status):
    still.load({"kind": kind, "venue": "binance"})

    async def run():
        async with connect(still.url.replace("http", "ws") + "/ws", proxy=None):
            pass

    with pytest.raises(InvalidStatus) as raised:
        asyncio.run(run())

    assert raised.value.response.status_code == status


@pytest.mark.parametrize("venue", sorted(ADDRESSES))
@pytest.mark.parametrize("kind", ["truncated", "malformed"])
def test_a_garbled_answer_is_another_one_of_its_own_length(still, venue, kind):
    whole = still.get(ADDRESSES[venue])
    still.load({"kind": kind})

    garbled = [still.get(ADDRESSES[venue]) for _ in range(5)]

    assert all(answer.status_code == 200 for answer in garbled)
    assert all(int(answer.headers["content-length"]) == len(answer.content) for answer in garbled)
    assert whole.content not in [answer.content for answer in garbled]


@pytest.mark.parametrize("venue", ["binance", "kraken", "coinbase"])
def test_candles_are_repeated_and_moved_but_all_there(still, venue):
    async def run():
        async with open_client(venue, still.url) as client:
            await client.load_markets()
            since = still.opens_ms()[50]
            plain = await client.fetch_ohlcv("BTC/USDT", "1h", since=since)
            still.load({"kind": "duplicated", "share": 1})
            repeated = await client.fetch_ohlcv("BTC/USDT", "1h", since=since)
            return plain, repeated

    plain, repeated = asyncio.run(run())
    still.load({"kind": "out_of_order", "share": 1})
    moved = still.klines().json()
    still.client.delete("/faults")

    assert repeated == [row for row in plain for _ in range(2)]
    assert moved != still.klines().json() == sorted(moved)


def test_a_share_of_the_requests_fails_the_same_way_for_the_same_seed(still):
    def statuses(seed):
        still.load({"kind": "error", "share": 0.5}, seed=seed)
        return [still.klines().status_code for _ in range(30)]

    first, again, other = statuses(1), statuses(1), statuses(2)

    assert first == again != other
    assert set(first) == {200, 503}
