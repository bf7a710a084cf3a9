import asyncio
import json
from contextlib import aclosing
from datetime import timedelta
from itertools import pairwise

import pytest
from fastapi import FastAPI

from candlecast.clock import ReplayClock, wall_s
from candlecast.errors import (
    InvalidRequestError,
    SourceBlockedError,
    SourceError,
    SourceNotConfiguredError,
    SourceRateLimitedError,
    SourceUnavailableError,
    UnknownSymbolError,
)
from candlecast.market.calendars import to_microseconds
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.market.symbols import Symbol
from candlecast.market.venues.ccxt_client import Access
from candlecast.market.venues.ccxt_venue import CcxtVenue
from candlecast.market.venues.dialects.binance import BINANCE
from candlecast.market.venues.factory import open_venue
from candlecast.replay.server import build_replay
from candlecast.settings import MarketSettings
from tests.builders import make_frozen_clock, make_small_recording
from tests.integration.market.venues.frozen import serve_frozen
from tests.integration.market.venues.quiet import run_quietly
from tests.integration.market.venues.wires import add_stream, build_bybit, build_okx, refuse_stream
from tests.loopback import free_port, serve_app

NAMES = ["BTC/USDT", "ETH/USDT", "SOL/USDT"]
SYMBOLS = [Symbol.parse(name) for name in NAMES]
BTC, ETH, _ = SYMBOLS
MINUTE_US = 60_000_000


@pytest.fixture(scope="module")
def recording():
    return make_small_recording(NAMES, 300, timeframe="1m")


def make_venue(url, name="binance"):
    return open_venue(name, market=MarketSettings(venue_url=url), cache_folder=None)


def kline(name="BTC/USDT", minute=0, *, closed=False, close=2.0):
    wire_name = name.replace("/", "")
    values = {"t": 60_000 * minute, "s": wire_name, "i": "1m", "x": closed}
    values |= {"o": "1", "h": "3", "l": "0.5", "c": str(close), "v": "7"}
    return json.dumps({"e": "kline", "E": 1, "s": wire_name, "k": values})


def build_scripted(recording, script, *, close=False):
    app = FastAPI()
    asked = add_stream(app, "/ws/{rest:path}", script, close=close)
    app.mount("/", build_replay(recording, make_frozen_clock(recording.end, recording.end)))
    return app, asked


def collect(url, symbols, n=None, *, name="binance", pause_s=0.0):
    """Return the first `n` updates, or all of them and the error that ended the stream."""

    async def run():
        venue, updates, failure = make_venue(url, name), [], None
        try:
            async with aclosing(venue.stream_candles(symbols, "1m")) as stream:
                async for update in stream:
                    updates.append(update)
                    await asyncio.sleep(pause_s if len(updates) == 1 else 0)
                    if len(updates) == n:
                        break
        except (SourceError, InvalidRequestError) as error:
            failure = error
        finally:
            await venue.close()
        return updates, failure

    return run_quietly(run())


def test_streamed_candles_are_those_of_the_recording_each_closed_once(recording):
    clock = ReplayClock(wall_s(), recording.start + timedelta(minutes=100), recording.end, 3_600.0)

    with serve_app(build_replay(recording, clock)) as url:
        updates, _ = collect(url, SYMBOLS, 150)

    for symbol in SYMBOLS:
        closed = [update for update in updates if update.closed and update.symbol == symbol]
        candles = recording.series[symbol.name].candles
        opens_us = to_microseconds(candles["open_time"].array).tolist()
        first = opens_us.index(closed[0].open_us)
        expected = candles[list(PRICE_COLUMNS)].iloc[first : first + len(closed)]
        assert len(closed) > 5
        assert all(later.open_us - earlier.open_us == MINUTE_US for earlier, later in pairwise(closed))
        assert [update.values for update in closed] == list(expected.itertuples(index=False, name=None))
    assert any(not update.closed for update in updates)


def test_stream_names_all_symbols_in_one_subscription(recording):
    app, asked = build_scripted(recording, [kline()])

    with serve_app(app) as url:
        collect(url, SYMBOLS, 1)

    assert len(asked) == 1
    assert asked[0]["method"] == "SUBSCRIBE"
    assert asked[0]["params"] == ["btcusdt@kline_1m", "ethusdt@kline_1m", "solusdt@kline_1m"]


def test_slow_consumer_loses_no_closing_message_and_starves_no_symbol(recording):
    # More messages than ccxt could once read in a burst.
    minutes = range(3_000)
    script = [kline(name, minute, closed=closed) for minute in minutes for name in NAMES for closed in (False, True)]
    last = [kline(name, 3_000) for name in NAMES]
    app, _ = build_scripted(recording, [*script, *last], close=True)

    with serve_app(app) as url:
        updates, failure = collect(url, SYMBOLS, pause_s=1.0)

    for symbol in SYMBOLS:
        mine = [update for update in updates if update.symbol == symbol]
        assert [update.open_us for update in mine if update.closed] == [minute * MINUTE_US for minute in minutes]
        assert mine[-1].open_us == 3_000 * MINUTE_US
    assert isinstance(failure, SourceUnavailableError)


def test_stream_that_the_server_closes_raises_after_its_last_candle(recording):
    app, _ = build_scripted(recording, [kline(minute=1, closed=True), kline(minute=2)], close=True)

    with serve_app(app) as url:
        updates, failure = collect(url, SYMBOLS)

    assert [(update.open_us, update.closed) for update in updates] == [(MINUTE_US, True), (2 * MINUTE_US, False)]
    assert isinstance(failure, SourceUnavailableError)
    assert "Binance lost its stream" in str(failure)


@pytest.mark.parametrize(
    "message", ['{"e":"kline","s":"BTCUSDT","k":{"t":1', '{"e":"kline","s":"BTCUSDT","k":{"t":60000}}', "[[1]]"]
)
def test_broken_message_ends_the_stream_loudly(recording, message):
    app, _ = build_scripted(recording, [kline(closed=True), message, kline(minute=1, closed=True)])

    with serve_app(app) as url:
        updates, failure = collect(url, [BTC])

    assert updates[0].closed
    assert isinstance(failure, SourceUnavailableError)


def test_refused_subscription_is_told(recording):
    refusal = '{"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":1}'
    app, _ = build_scripted(recording, [refusal])

    with serve_app(app) as url:
        _, failure = collect(url, [BTC])

    assert "invalid stream" in str(failure)


@pytest.mark.parametrize(
    ("status", "error"), [(451, SourceBlockedError), (429, SourceRateLimitedError), (503, SourceUnavailableError)]
)
def test_refused_connection_is_told_by_its_reaction(recording, status, error):
    app = FastAPI()
    refuse_stream(app, "/ws/{rest:path}", status, {"Retry-After": "17"})
    app.mount("/", build_replay(recording, make_frozen_clock(recording.end, recording.end)))

    with serve_app(app) as url:
        _, failure = collect(url, [BTC])

    assert type(failure) is error
    assert getattr(failure, "retry_after_s", 17.0) == 17.0


def test_nobody_listening_is_unavailable():
    _, failure = collect(f"http://127.0.0.1:{free_port()}", [BTC])

    assert isinstance(failure, SourceUnavailableError)


def test_unknown_symbol_does_not_keep_the_others_from_streaming(recording, caplog):
    app, _ = build_scripted(recording, [kline(closed=True)])

    with serve_app(app) as url:
        updates, _ = collect(url, [Symbol.parse("NOPE/USDT"), BTC], 1)

    assert updates[0].symbol == BTC
    assert "NOPE/USDT" in caplog.text


def test_stream_of_unknown_symbols_only_is_refused(recording):
    app, _ = build_scripted(recording, [])

    with serve_app(app) as url:
        _, failure = collect(url, [Symbol.parse("NOPE/USDT")])

    assert isinstance(failure, UnknownSymbolError)


@pytest.mark.parametrize("name", ["coinbase", "yahoo"])
def test_venue_without_a_stream_says_so(name, tmp_path):
    venue = open_venue(name, market=MarketSettings(venue_url="http://127.0.0.1:1"), cache_folder=tmp_path)

    assert venue.streams is False
    with pytest.raises(SourceNotConfiguredError, match="has no stream"):
        venue.stream_candles([BTC], "1m")


def test_streams_of_one_venue_are_independent(recording):
    app, asked = build_scripted(recording, [kline(name, minute, closed=True) for minute in range(5) for name in NAMES])

    async def run(url):
        venue = make_venue(url)
        first, second = venue.stream_candles([BTC], "1m"), venue.stream_candles([ETH], "1m")
        symbols = [(await anext(first)).symbol, (await anext(second)).symbol]
        await first.aclose()
        symbols.append((await anext(second)).symbol)
        await second.aclose()
        await venue.close()
        return symbols

    with serve_app(app) as url:
        symbols = run_quietly(run(url))

    assert symbols == [BTC, ETH, ETH]
    assert len(asked) == 2


def watch_a_server_of_another_kind(recording, url, wait_s):
    # The list of markets comes from the replay, the stream from elsewhere.
    async def run(markets_url):
        venue = CcxtVenue("binance", dialect=BINANCE, access=Access(markets_url))
        await venue.list_symbols()
        venue._open_client = lambda: open_elsewhere
        open_elsewhere = make_venue(url)._client
        stream = venue.stream_candles([BTC], "1m")
        try:
            async with asyncio.timeout(wait_s):
                await anext(stream)
        finally:
            await stream.aclose()
            await venue.close()

    with serve_app(build_replay(recording, make_frozen_clock(recording.end, recording.end))) as markets_url:
        run_quietly(run(markets_url))


def test_frozen_server_says_nothing_and_does_not_hang_the_close(recording):
    with serve_frozen() as url, pytest.raises(TimeoutError):
        watch_a_server_of_another_kind(recording, url, 0.3)


def test_cut_connection_is_unavailable(recording):
    with serve_frozen(cut=True) as url, pytest.raises(SourceUnavailableError, match="lost its stream"):
        watch_a_server_of_another_kind(recording, url, 5.0)


def test_bybit_stream_tells_closed_candles_and_subscribes_ten_at_a_time(recording):
    names = [f"C{number}/USDT" for number in range(12)]
    app = build_bybit(make_small_recording(names, 3, timeframe="1m"))
    candle = {"start": 60_000, "end": 119_999, "interval": "1", "open": "1", "close": "2", "high": "3", "low": "0.5"}
    candle |= {"volume": "7", "turnover": "9", "timestamp": 1}
    script = ['{"success":true,"ret_msg":"subscribe","conn_id":"c","req_id":"1","op":"subscribe"}']
    for closed in (False, True):
        data = [candle | {"confirm": closed}]
        script.append(json.dumps({"topic": "kline.1.C1USDT", "type": "snapshot", "ts": 1, "data": data}))
    asked = add_stream(app, "/v5/public/spot", script)

    with serve_app(app) as url:
        updates, _ = collect(url, [Symbol.parse(name, home="bybit") for name in names], 2, name="bybit", pause_s=0.2)

    assert {update.closed for update in updates} >= {True}
    assert updates[-1].values == (1.0, 3.0, 0.5, 2.0, 7.0)
    assert [len(subscription["args"]) for subscription in asked] == [10, 2]
    assert asked[0]["args"][0] == "kline.1.C0USDT"


def test_okx_stream_tells_closed_candles(recording):
    app = build_okx(recording)
    told = {"channel": "candle1m", "instId": "BTC-USDT"}
    row = ["60000", "1", "3", "0.5", "2", "7", "14", "14"]
    script = [json.dumps({"event": "subscribe", "arg": told, "connId": "c"})]
    script += [json.dumps({"arg": told, "data": [[*row, confirm]]}) for confirm in ("0", "1")]
    asked = add_stream(app, "/ws/v5/business", script)

    with serve_app(app) as url:
        updates, _ = collect(url, [Symbol.parse("BTC/USDT", home="okx")], 1, name="okx")

    assert (updates[0].open_us, updates[0].values) == (MINUTE_US, (1.0, 3.0, 0.5, 2.0, 7.0))
    assert asked[0]["args"] == [told]


def test_stream_of_a_venue_that_never_says_closed_is_read_by_ccxt(recording):
    def message(minute, close):
        begins = f"1970-01-01T00:0{minute}:00.000000000Z"
        candle = {"symbol": "BTC/USDT", "open": 1.0, "high": 3.0, "low": 0.5, "close": close, "trades": 1}
        candle |= {"volume": 7.0, "vwap": 1.5, "interval_begin": begins, "interval": 1, "timestamp": begins}
        return json.dumps({"channel": "ohlc", "type": "update", "timestamp": begins, "data": [candle]})

    app = FastAPI()
    add_stream(app, "/v2", [message(1, 2.0), message(2, 2.5)])
    app.mount("/", build_replay(recording, make_frozen_clock(recording.end, recording.end)))

    with serve_app(app) as url:
        updates, _ = collect(url, [Symbol.parse("BTC/USDT", home="kraken")], 1, name="kraken")

    assert updates[0].open_us in (MINUTE_US, 2 * MINUTE_US)
    assert updates[0].closed is False
    assert updates[0].values[0] == 1.0
