import asyncio
from datetime import timedelta

import httpx2
import pytest

from candlecast.replay.server import build_replay
from tests.builders import make_frozen_clock, make_small_recording
from tests.integration.replay.clients import open_client
from tests.loopback import serve_app

N_CLOSED = 1_000


@pytest.fixture(scope="module")
def recording():
    return make_small_recording(["BTC/USDT", "ETH/USD", "LUNA/USDT"], 1_200)


@pytest.fixture(scope="module")
def address(recording):
    now = recording.start + timedelta(hours=N_CLOSED, minutes=30)
    with serve_app(build_replay(recording, make_frozen_clock(now, recording.end))) as url:
        yield url


def ask(address, call):
    async def run():
        async with open_client("kraken", address) as client:
            return await call(client)

    return asyncio.run(run())


def get(address, path, **query):
    return httpx2.get(f"{address}/0/public/{path}", params=query, trust_env=False).json()


def test_ccxt_finds_the_recorded_pairs_under_krakens_own_names(address):
    markets = ask(address, lambda client: client.load_markets())

    assert {name: market["id"] for name, market in markets.items()} == {
        "BTC/USDT": "XBTUSDT", "ETH/USD": "XETHZUSD", "LUNA/USDT": "LUNA2USDT",
    }  # fmt: skip


def test_ccxt_reads_the_recorded_candles_and_the_running_one(address, recording):
    frame = recording.series["BTC/USDT"].candles
    since = int(frame["open_time"][N_CLOSED - 5].timestamp() * 1_000)

    rows = ask(address, lambda client: client.fetch_ohlcv("BTC/USDT", "1h", since=since))

    expected = frame.loc[N_CLOSED - 5 : N_CLOSED - 1, ["open", "high", "low", "close", "volume"]].to_numpy().tolist()
    assert [row[1:] for row in rows[:-1]] == expected
    assert rows[0][0] == since
    assert rows[-1][0] == frame["open_time"][N_CLOSED].timestamp() * 1_000
    assert rows[-1][1] == frame["open"][N_CLOSED]


def test_ohlc_never_goes_back_beyond_the_newest_720(address, recording):
    answer = get(address, "OHLC", pair="XBTUSDT", interval=60, since=0)

    rows = answer["result"]["XBTUSDT"]
    opens = recording.series["BTC/USDT"].candles["open_time"]
    assert len(rows) == 720
    assert rows[-1][0] == opens[N_CLOSED].timestamp()
    assert answer["result"]["last"] == opens[N_CLOSED - 1].timestamp()


def test_ohlc_since_a_candle_leaves_that_candle_out(address, recording):
    opens = [moment.timestamp() for moment in recording.series["BTC/USDT"].candles["open_time"]]

    rows = get(address, "OHLC", pair="XBTUSDT", interval=60, since=int(opens[990]))["result"]["XBTUSDT"]

    assert [row[0] for row in rows] == opens[991 : N_CLOSED + 1]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"pair": "NOPE", "interval": 60}, "EQuery:Unknown asset pair"),
        ({"pair": "XBTUSDT", "interval": 5}, "EGeneral:Invalid arguments"),
        ({"pair": "XBTUSDT", "interval": 60, "since": "soon"}, "EGeneral:Invalid arguments"),
    ],
)
def test_ohlc_of_a_bad_request_names_the_error(address, query, error):
    assert get(address, "OHLC", **query)["error"] == [error]


def test_ccxt_reads_price_time_and_status(address, recording):
    async def all_three(client):
        return await client.fetch_ticker("ETH/USD"), await client.fetch_time(), await client.fetch_status()

    ticker, time_ms, status = ask(address, all_three)

    final = recording.series["ETH/USD"].candles.loc[N_CLOSED]
    assert final["low"] <= ticker["last"] <= final["high"]
    assert time_ms == (recording.start + timedelta(hours=N_CLOSED, minutes=30)).timestamp() * 1_000
    assert status["status"] == "ok"


def test_ticker_of_no_pair_holds_them_all_and_of_a_wrong_one_is_refused(address):
    assert set(get(address, "Ticker")["result"]) == {"XBTUSDT", "XETHZUSD", "LUNA2USDT"}
    assert get(address, "Ticker", pair="ETHUSD")["result"].keys() == {"XETHZUSD"}
    assert get(address, "Ticker", pair="NOPE")["error"] == ["EQuery:Unknown asset pair"]
