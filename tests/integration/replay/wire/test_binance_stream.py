import asyncio
import json
from datetime import timedelta

import pytest
from websockets.asyncio.client import connect

from candlecast.clock import ReplayClock, wall_s
from candlecast.replay.server import build_replay
from tests.builders import make_small_recording
from tests.integration.replay.clients import open_client
from tests.loopback import serve_app

SYMBOLS = ["BTC/USDT", "ETH/USDT", "SOL/USDT"]
# A candle every 0.5 s.
SPEED = 7_200.0


@pytest.fixture(scope="module")
def recording():
    return make_small_recording(SYMBOLS, 300)


@pytest.fixture
def address(recording):
    clock = ReplayClock(wall_s(), recording.start + timedelta(hours=100), recording.end, SPEED)
    with serve_app(build_replay(recording, clock)) as url:
        yield url.replace("http", "ws")


async def hear(address, streams, n_messages, path="/stream/0"):
    async with connect(address + path, proxy=None) as socket:
        if streams:
            await socket.send(json.dumps({"method": "SUBSCRIBE", "params": streams, "id": 7}))
            assert json.loads(await socket.recv()) == {"result": None, "id": 7}
        return [json.loads(await asyncio.wait_for(socket.recv(), 10)) for _ in range(n_messages)]


def test_a_candle_has_two_updates_and_one_closing_message_as_recorded(address, recording):
    frame = recording.series["BTC/USDT"].candles.set_index("open_time")

    heard = asyncio.run(hear(address, ["btcusdt@kline_1h"], 9))

    first_close = next(place for place, message in enumerate(heard) if message["k"]["x"])
    whole = heard[first_close + 1 : first_close + 4]
    assert [message["k"]["x"] for message in whole] == [False, False, True]
    assert len({message["k"]["t"] for message in whole}) == 1
    closing = whole[-1]["k"]
    candle = frame.loc[frame.index.asi8 == closing["t"] * 1_000].iloc[0]
    assert [float(closing[name]) for name in "ohlcv"] == candle[["open", "high", "low", "close", "volume"]].tolist()
    assert (closing["T"], whole[-1]["E"]) == (closing["t"] + 3_600_000 - 1, closing["t"] + 3_600_000)
    assert (closing["s"], closing["i"]) == ("BTCUSDT", "1h")


@pytest.mark.parametrize("path", ["/ws/ethusdt@kline_1h", "/stream?streams=ethusdt@kline_1h"])
def test_streams_named_in_the_address_are_subscribed_to(address, path):
    [heard] = asyncio.run(hear(address, [], 1, path))

    assert (heard["e"], heard["s"]) == ("kline", "ETHUSDT")


def test_unsubscribing_ends_a_stream_and_the_list_names_the_rest(address):
    async def run():
        async with connect(f"{address}/ws", proxy=None) as socket:
            for number, (method, streams) in enumerate(
                [
                    ("SUBSCRIBE", ["btcusdt@kline_1h", "ethusdt@kline_1h"]),
                    ("UNSUBSCRIBE", ["btcusdt@kline_1h"]),
                    ("LIST_SUBSCRIPTIONS", []),
                ]
            ):
                await socket.send(json.dumps({"method": method, "params": streams, "id": number}))
            return [json.loads(await asyncio.wait_for(socket.recv(), 10)) for _ in range(6)]

    heard = asyncio.run(run())

    assert {"result": ["ethusdt@kline_1h"], "id": 2} in heard
    assert {message["s"] for message in heard if "s" in message} == {"ETHUSDT"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"method":"SUBSCRIBE","params":["btcusdt@kline_5m"],"id":1}', "streams are SYMBOL@kline_1h"),
        ('{"method":"SUBSCRIBE","params":["nope@kline_1h"],"id":1}', "unknown stream nope@kline_1h"),
        ('{"method":"SING","id":1}', "unknown method 'SING'"),
        ('{"params":[]}', "method"),
        ("[1]", "Invalid request"),
        ("{", "Invalid request"),
    ],
)
def test_a_bad_message_is_answered_with_the_reason(address, text, reason):
    async def run():
        async with connect(f"{address}/ws", proxy=None) as socket:
            await socket.send(text)
            return json.loads(await asyncio.wait_for(socket.recv(), 10))

    answer = asyncio.run(run())

    assert answer["error"]["code"] == 2
    assert reason in answer["error"]["msg"]


def test_ccxt_watches_many_symbols_on_one_connection(address, recording):
    async def run():
        async with open_client("binance", address.replace("ws", "http")) as client:
            pairs = [[name, "1h"] for name in SYMBOLS]
            # Of messages that come at once ccxt returns some only; it keeps them all.
            while set(client.ohlcvs) != set(SYMBOLS):
                await asyncio.wait_for(client.watch_ohlcv_for_symbols(pairs), 10)
            urls = list(client.clients)
            candles = {name: client.ohlcvs[name]["1h"][0] for name in SYMBOLS}
            return urls, candles

    urls, candles = asyncio.run(run())

    assert urls == [f"{address}/stream/0"]
    opens = recording.series["BTC/USDT"].candles.set_index("open_time")["open"]
    row = candles["BTC/USDT"]
    assert row[1] == opens[opens.index.asi8 == row[0] * 1_000].iloc[0]
