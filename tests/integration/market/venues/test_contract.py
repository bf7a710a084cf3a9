"""What every venue keeps: one suite, run over each one that can be served on this machine."""

import asyncio
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ccxt
import numpy as np
import pandas as pd
import pytest

from candlecast.errors import (
    CandlecastError,
    InvalidRequestError,
    SourceBlockedError,
    SourceRateLimitedError,
    SourceUnavailableError,
    UnknownSymbolError,
)
from candlecast.market.candles import CANDLE_COLUMNS, PRICE_COLUMNS
from candlecast.market.symbols import Symbol
from candlecast.market.venues import ccxt_client, yahoo
from candlecast.market.venues.factory import open_venue
from candlecast.replay.server import build_replay
from candlecast.settings import MarketSettings
from tests.builders import make_frozen_clock, make_small_recording
from tests.integration.market.venues.faults import build_faulty, build_silent
from tests.integration.market.venues.wires import build_bybit, build_okx
from tests.loopback import free_port, serve_app

# The first five have dialects, the sixth is read as ccxt reads any venue.
VENUES = ("binance", "kraken", "coinbase", "bybit", "okx", "binanceus", "yahoo")
N_CANDLES = 700
FAULTS = [
    (200, "<html>maintenance</html>", SourceUnavailableError),
    (200, '{"result": {"list": [', SourceUnavailableError),
    (200, '["odd"]', SourceUnavailableError),
    (403, "", SourceBlockedError),
    (418, "{}", SourceBlockedError),
    (451, '{"code":0,"msg":"restricted location"}', SourceBlockedError),
    (500, "", SourceUnavailableError),
    (503, "busy", SourceUnavailableError),
]


@dataclass
class Served:
    name: str
    url: str
    symbol: Symbol


@pytest.fixture(scope="module")
def recording():
    return make_small_recording(["BTC/USDT", "ETH/USDT"], N_CANDLES)


@pytest.fixture(scope="module")
def urls(recording):
    clock = make_frozen_clock(recording.end, recording.end)
    with (
        serve_app(build_replay(recording, clock)) as replay,
        serve_app(build_bybit(recording)) as bybit,
        serve_app(build_okx(recording)) as okx,
    ):
        yield {"bybit": bybit, "okx": okx} | dict.fromkeys(set(VENUES) - {"bybit", "okx"}, replay)


@pytest.fixture(params=VENUES)
def served(request, urls):
    return Served(request.param, urls[request.param], Symbol.parse("BTC/USDT", home=request.param))


@pytest.fixture
def ask(tmp_path):
    def run(name, url, call, limiter=None):
        async def asked():
            market = MarketSettings(venue_url=url)
            venue = open_venue(name, market=market, cache_folder=tmp_path, limiter=limiter)
            try:
                return await call(venue)
            finally:
                await venue.close()

        return asyncio.run(asked())

    return run


@pytest.fixture
def fetch(ask):
    def run(served, symbol=None, *, start, end, timeframe="1h"):
        asked = symbol or served.symbol
        return ask(served.name, served.url, lambda venue: venue.fetch_candles(asked, timeframe, start=start, end=end))

    return run


@pytest.fixture
def fail(ask, recording):
    def run(name, url):
        symbol, span = Symbol.parse("BTC/USDT", home=name), {"start": recording.start, "end": recording.end}
        ask(name, url, lambda venue: venue.fetch_candles(symbol, "1h", **span))

    return run


@pytest.fixture(scope="module", params=FAULTS, ids=lambda fault: f"{fault[0]} {fault[1][:9]}")
def fault(request):
    status, body, error = request.param
    with serve_app(build_faulty(status, body)) as url:
        yield url, error


@pytest.fixture(scope="module")
def silent():
    with serve_app(build_silent(0.5)) as url:
        yield url


@pytest.fixture(scope="module")
def limited():
    with serve_app(build_faulty(429, "{}", headers={"Retry-After": "17"})) as url:
        yield url


def test_fetched_candles_equal_the_recording_row_for_row(fetch, served, recording):
    recorded = recording.series["BTC/USDT"].candles

    fetched = fetch(served, start=recording.start, end=recording.end)

    columns = list(CANDLE_COLUMNS if served.name != "yahoo" else CANDLE_COLUMNS[:-1])
    pd.testing.assert_frame_equal(fetched[columns], recorded[columns], check_exact=True)
    assert list(fetched.columns) == list(CANDLE_COLUMNS)


def test_fetched_candles_are_ordered_and_whole_in_utc(fetch, served, recording):
    fetched = fetch(served, start=recording.start, end=recording.end)

    assert fetched["open_time"].is_monotonic_increasing
    assert fetched["open_time"].is_unique
    assert {str(fetched[name].dtype) for name in CANDLE_COLUMNS[:2]} == {"datetime64[us, UTC]"}
    prices = fetched[list(PRICE_COLUMNS[:4])].to_numpy()
    assert np.isfinite(prices).all()
    assert (prices > 0).all()


def test_fetch_takes_opens_from_start_up_to_before_end(fetch, served, recording):
    opens = recording.series["BTC/USDT"].candles["open_time"]
    start, end = opens[10].to_pydatetime(), opens[13].to_pydatetime()

    exact = fetch(served, start=start, end=end)
    between = fetch(served, start=start + timedelta(seconds=1), end=end + timedelta(seconds=1))
    none = fetch(served, start=end, end=end)

    assert list(exact["open_time"]) == list(opens[10:13])
    assert list(between["open_time"]) == list(opens[11:14])
    assert len(none) == 0
    assert list(none.columns) == list(CANDLE_COLUMNS)


def test_span_without_candles_is_empty(fetch, served, recording):
    fetched = fetch(served, start=recording.start - timedelta(days=90), end=recording.start)

    assert len(fetched) == 0


def test_price_is_the_close_of_the_newest_candle(ask, served, recording):
    price = ask(served.name, served.url, lambda venue: venue.fetch_price(served.symbol))

    assert price == recording.series["BTC/USDT"].candles["close"].iloc[-1]


def test_symbols_are_listed_in_order_where_there_is_a_list(ask, served):
    listed = ask(served.name, served.url, lambda venue: venue.list_symbols())

    assert listed == ([] if served.name == "yahoo" else ["BTC/USDT", "ETH/USDT"])


def test_venue_that_answers_can_be_pinged(ask, served):
    assert ask(served.name, served.url, lambda venue: venue.ping()) is None


def test_unknown_symbol_is_told(fetch, served, recording):
    unknown = Symbol.parse("NOPE/USDT", home=served.name)

    with pytest.raises(UnknownSymbolError, match="NOPE/USDT"):
        fetch(served, unknown, start=recording.start, end=recording.end)


@pytest.mark.parametrize("timeframe", ["7h", ""])
def test_unsupported_timeframe_is_told(fetch, served, recording, timeframe):
    with pytest.raises(InvalidRequestError, match="timeframe must be one of"):
        fetch(served, start=recording.start, end=recording.end, timeframe=timeframe)


def test_timeframe_that_only_this_venue_lacks_is_told(fetch, urls, recording):
    coinbase = Served("coinbase", urls["coinbase"], Symbol.parse("BTC/USDT"))

    with pytest.raises(InvalidRequestError, match="Coinbase Advanced has no candles of 4h"):
        fetch(coinbase, start=recording.start, end=recording.end, timeframe="4h")


@pytest.mark.parametrize("name", VENUES)
def test_failure_of_the_venue_is_told_by_its_reaction(fail, name, fault):
    url, error = fault

    with pytest.raises(error):
        fail(name, url)


@pytest.mark.parametrize("name", VENUES)
def test_rate_limit_tells_how_long_to_wait(fail, name, limited):
    with pytest.raises(SourceRateLimitedError) as caught:
        fail(name, limited)

    assert caught.value.retry_after_s == 17.0


@pytest.mark.parametrize("name", VENUES)
def test_silence_is_unavailable(fail, name, monkeypatch, silent):
    monkeypatch.setattr(ccxt_client, "TIMEOUT_MS", 100)
    monkeypatch.setattr(yahoo, "TIMEOUT_S", 0.1)

    with pytest.raises(SourceUnavailableError, match="does not answer"):
        fail(name, silent)


@pytest.mark.parametrize("name", VENUES)
def test_nobody_listening_is_unavailable(ask, name):
    with pytest.raises(SourceUnavailableError, match="does not answer"):
        ask(name, f"http://127.0.0.1:{free_port()}", lambda venue: venue.ping())


@pytest.mark.parametrize("name", sorted({*ccxt.exchanges, *VENUES}))
def test_no_call_leaves_for_a_real_host(ask, name, monkeypatch):
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: asked.append(host) or [])
    symbol, start = Symbol.parse("BTC/USDT", home=name), datetime(2024, 1, 1, tzinfo=UTC)

    async def call(venue):
        verbs = [venue.list_symbols, venue.ping, lambda: venue.fetch_price(symbol)]
        verbs.append(lambda: venue.fetch_candles(symbol, "1h", start=start, end=start + timedelta(hours=2)))
        outcomes = [await asyncio.gather(verb(), return_exceptions=True) for verb in verbs]
        return [outcome for [outcome] in outcomes]

    outcomes = ask(name, f"http://127.0.0.1:{free_port()}", call)

    assert set(asked) <= {"127.0.0.1"}
    assert any(isinstance(outcome, CandlecastError) for outcome in outcomes)


class CountingLimiter:
    def __init__(self):
        self.costs, self.seen = [], []

    async def take(self, venue, cost):
        self.costs.append((venue, cost))

    async def observe(self, venue, *, used_share, retry_after_s):
        self.seen.append((venue, used_share, retry_after_s))


def test_limiter_is_asked_before_each_request(ask, served, recording):
    limiter, span = CountingLimiter(), {"start": recording.start, "end": recording.end}

    ask(served.name, served.url, lambda venue: venue.fetch_candles(served.symbol, "1h", **span), limiter)

    assert {venue for venue, _ in limiter.costs} == {served.name}
    assert all(cost > 0 for _, cost in limiter.costs)


@pytest.mark.parametrize("name", VENUES)
def test_limiter_learns_of_a_rate_limit(ask, name, limited):
    limiter, symbol = CountingLimiter(), Symbol.parse("BTC/USDT", home=name)

    with pytest.raises(SourceRateLimitedError):
        ask(name, limited, lambda venue: venue.fetch_price(symbol), limiter)

    assert limiter.seen[-1] == (name, None, 17.0)


def test_limiter_learns_the_used_weight_of_binance(ask):
    limiter = CountingLimiter()

    with serve_app(build_faulty(200, "{}", headers={"X-MBX-USED-WEIGHT-1M": "1500"})) as url:
        ask("binance", url, lambda venue: venue.ping(), limiter)

    assert limiter.seen == [("binance", 0.25, None)]
