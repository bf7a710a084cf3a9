import asyncio
from datetime import timedelta

import pytest
import stamina

from candlecast.errors import InvalidRequestError, SourceUnavailableError, UnknownSymbolError
from candlecast.market.failover import VenueChain
from candlecast.market.symbols import Symbol
from candlecast.market.venues.factory import open_venue
from candlecast.replay.faults.script import parse_script
from candlecast.replay.server import build_replay
from candlecast.settings import MarketSettings
from tests.builders import make_frozen_clock, make_small_recording
from tests.integration.market.venues.quiet import run_quietly
from tests.loopback import serve_app

NAMES = ["BTC/USDT", "ETH/USD"]
ORDER = ("binance", "kraken", "yahoo")
BTC = Symbol.parse("BTC/USDT")


@pytest.fixture(autouse=True)
def no_pauses():
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture(scope="module")
def recording():
    return make_small_recording(NAMES, 50)


@pytest.fixture
def ask(recording, tmp_path):
    """Run a call of a chain against a replay on which some venues have a fault."""

    def run(call, **kinds):
        script = [{"kind": kind, "venue": venue, "start_s": 0, "length_s": 600} for venue, kind in kinds.items()]
        clock = make_frozen_clock(recording.end, recording.end)
        replay = build_replay(recording, clock, faults=parse_script(script, symbols=NAMES))

        async def asked(url):
            market = MarketSettings(venue_url=url)
            chain = VenueChain(ORDER, open_venue=lambda name: open_venue(name, market=market, cache_folder=tmp_path))
            try:
                return await call(chain), chain.states()
            finally:
                await chain.close()

        with serve_app(replay) as url:
            return run_quietly(asked(url))

    return run


@pytest.fixture
def fetch(ask, recording):
    def run(symbol=BTC, timeframe="1h", **kinds):
        span = {"start": recording.end - timedelta(hours=20), "end": recording.end}
        return ask(lambda chain: chain.fetch_candles(symbol, timeframe, **span), **kinds)

    return run


@pytest.mark.parametrize("kind", ["blocked", "rate_limit", "error", "drop", "truncated", "malformed"])
def test_candles_come_from_the_next_venue_whatever_ails_home(fetch, recording, kind):
    fetched, states = fetch(binance=kind)

    assert (fetched.source, fetched.failover, len(fetched.candles)) == ("kraken", True, 20)
    assert fetched.candles.equals(recording.series["BTC/USDT"].candles[-20:].reset_index(drop=True))
    assert {name: state.state for name, state in states.items()} == {
        "binance": "open", "kraken": "closed", "yahoo": "closed",
    }  # fmt: skip


def test_candles_of_a_near_quote_say_so(fetch):
    fetched, _ = fetch(binance="blocked", kraken="blocked")

    assert (fetched.source, fetched.failover) == ("yahoo:USD", True)
    assert fetched.candles["volume"].isna().all()


def test_candles_that_nobody_can_give_name_every_reason(fetch):
    with pytest.raises(SourceUnavailableError, match=r"BTC/USDT: Binance .* 451.*; Kraken .*; Yahoo .*"):
        fetch(binance="blocked", kraken="error", yahoo="error")


def test_symbol_that_no_venue_lists_is_named_with_the_near_ones(fetch):
    with pytest.raises(UnknownSymbolError, match="did you mean BTC/USDT"):
        fetch(Symbol.parse("BTCC/USDT"))


def test_timeframe_that_no_venue_plays_is_refused_without_opening_a_breaker(ask, recording):
    async def call(chain):
        with pytest.raises(InvalidRequestError):
            await chain.fetch_candles(BTC, "5m", start=recording.start, end=recording.end)

    _, states = ask(call)

    assert {state.state for state in states.values()} == {"closed"}


def test_price_fails_over(ask, recording):
    (price, source), _ = ask(lambda chain: chain.fetch_price(BTC), binance="blocked")

    assert (price, source) == (recording.series["BTC/USDT"].candles["close"].iloc[-1], "kraken")


def test_many_calls_at_once_stop_asking_a_blocked_venue(ask, recording):
    async def call(chain):
        span = {"start": recording.start, "end": recording.end}
        fetched = await asyncio.gather(*(chain.fetch_candles(BTC, "1h", **span) for _ in range(20)))
        return {one.source for one in fetched}

    sources, states = ask(call, binance="blocked")

    assert sources == {"kraken"}
    assert states["binance"].opens_again_in_s > 800
