"""Whatever a script does, who keeps asking ends with the recording; outages excepted."""

import asyncio
import json
import time
from datetime import timedelta

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.integration.replay.faults.conftest import N_CLOSED

TIMES = {
    "binance": ("/api/v3/time", lambda answer: answer["serverTime"] / 1_000),
    "kraken": ("/0/public/Time", lambda answer: answer["result"]["unixtime"]),
    "coinbase": ("/v2/time", lambda answer: answer["data"]["epoch"]),
    "yahoo": ("/v8/finance/chart/BTC-USD", lambda answer: answer["chart"]["result"][0]["meta"]["regularMarketTime"]),
}
FIGURES = ["open", "high", "low", "close", "volume"]


def truth(recording):
    frame = recording.series["BTC/USDT"].candles
    return dict(zip(frame["open_time"].astype("int64") // 1_000, frame[FIGURES].to_numpy().tolist(), strict=True))


def figures(row):
    return [float(value) for value in row[1:6]]


@pytest.mark.parametrize("venue", sorted(TIMES))
@pytest.mark.parametrize("skew_s", [90.0, -90.0])
def test_a_skewed_clock_is_that_of_its_venue_alone(still, venue, skew_s):
    now_s = (still.recording.start + timedelta(hours=N_CLOSED, minutes=30)).timestamp()
    still.load({"kind": "skew", "venue": venue, "skew_s": skew_s})

    told = {name: read(still.get(path).json()) for name, (path, read) in TIMES.items()}

    assert told == dict.fromkeys(TIMES, now_s) | {venue: now_s + skew_s}


def test_an_outage_of_named_times_hides_its_candles_at_every_venue(still):
    opens_ms = still.opens_ms()
    since, until = (still.recording.start + timedelta(hours=hours) for hours in (50, 53))
    still.load({"kind": "outage", "since": since.isoformat(), "until": until.isoformat()})

    binance = [row[0] for row in still.klines(startTime=opens_ms[45], limit=10).json()]
    kraken = still.get("/0/public/OHLC", pair="XBTUSDT", interval=60, since=opens_ms[44] // 1_000).json()["result"]

    expected = [*opens_ms[45:50], *opens_ms[53:58]]
    assert binance == expected
    assert [row[0] * 1_000 for row in kraken["XBTUSDT"][:10]] == expected


def test_an_outage_of_everything_leaves_a_venue_that_answers(still):
    still.load({"kind": "outage", "since": "2000-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"})

    assert still.klines().json() == []
    assert still.get("/api/v3/ticker/price", symbol="BTCUSDT").json()["code"] == -1121
    assert still.get("/0/public/Ticker").json()["result"] == {}
    assert "timestamp" not in still.get("/v8/finance/chart/BTC-USD?interval=1h").json()["chart"]["result"][0]
    assert still.get("/api/v3/brokerage/market/products").status_code == 200


def test_a_revised_candle_is_shown_otherwise_and_then_as_recorded(running):
    running.load({"kind": "revised", "share": 1, "length_s": 0.6, "delay_candles": 3}, {"kind": "late", "start_s": 60})
    recorded, seen = truth(running.recording), {}

    deadline = time.monotonic() + 2.4
    while time.monotonic() < deadline:
        for row in running.klines(limit=8).json()[:-1]:
            shown = figures(row) == recorded[row[0]]
            if not seen.get(row[0], []) or seen[row[0]][-1] != shown:
                seen.setdefault(row[0], []).append(shown)

    revised = [changes for changes in seen.values() if not changes[0]]
    assert len(revised) >= 2
    assert all(changes == [False, True] for changes in revised)


async def watch(faulty, wall_s):
    """Return the messages of `wall_s` seconds, and the code with which the connection was closed."""
    messages = []
    async with connect(faulty.url.replace("http", "ws") + "/ws/btcusdt@kline_1h", proxy=None) as socket:
        try:
            async with asyncio.timeout(wall_s):
                while True:
                    messages.append(await socket.recv())
        except TimeoutError:
            return messages, None
        except ConnectionClosed as closed:
            return messages, closed.rcvd.code


def test_a_frozen_stream_stays_open_and_silent(running):
    running.load({"kind": "freeze", "length_s": 60})

    messages, code = asyncio.run(watch(running, 0.8))

    assert (messages, code) == ([], None)


def test_a_stream_goes_on_after_a_freeze(running):
    running.load({"kind": "freeze", "length_s": 0.4})

    messages, code = asyncio.run(watch(running, 1.2))

    assert messages
    assert code is None


def test_a_dropped_stream_is_closed(running):
    running.load({"kind": "drop", "start_s": 0.3})

    _, code = asyncio.run(watch(running, 2))

    assert code == 1012


@pytest.mark.parametrize("kind", ["truncated", "malformed"])
def test_a_garbled_message_holds_no_whole_candle(running, kind):
    running.load({"kind": kind, "length_s": 60})

    messages, _ = asyncio.run(watch(running, 0.8))

    assert messages
    assert not any(is_whole(message) for message in messages)


def is_whole(message):
    try:
        return float(json.loads(message)["k"]["c"]) > 0
    except (ValueError, KeyError, TypeError):
        return False


@pytest.mark.parametrize("kind", ["duplicated", "out_of_order"])
def test_messages_are_repeated_or_come_late_but_all_come(running, kind):
    running.load({"kind": kind, "length_s": 60, "share": 0.6})

    messages, _ = asyncio.run(watch(running, 1.5))

    events = [json.loads(message)["E"] for message in messages]
    assert (len(set(events)) < len(events)) is (kind == "duplicated")
    assert (sorted(events) != events) is (kind == "out_of_order")


def test_a_client_that_keeps_asking_ends_with_the_recording(running):
    garbling = ["truncated", "malformed", "duplicated", "out_of_order", "late", "revised"]
    kinds = ["rate_limit", "error", "drop", *garbling]
    running.load(*({"kind": kind, "start_s": 0.1, "length_s": 1.5, "share": 0.4} for kind in kinds))
    recorded, held = truth(running.recording), {}
    first, last = N_CLOSED, N_CLOSED + 8
    opens_ms = running.opens_ms()[first:last]

    deadline = time.monotonic() + 30
    while held != {stamp: recorded[stamp] for stamp in opens_ms}:
        assert time.monotonic() < deadline, "the truth was not shown"
        try:
            rows = running.klines(startTime=opens_ms[0], endTime=opens_ms[-1]).json()
            held |= {row[0]: figures(row) for row in rows}
        except (httpx2.HTTPError, ValueError, TypeError, KeyError, IndexError):
            time.sleep(0.02)

    assert sorted(held) == opens_ms
