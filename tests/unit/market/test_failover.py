import asyncio
import logging
from datetime import UTC, datetime

import pandas as pd
import pytest
import stamina

from candlecast.errors import (
    InvalidRequestError,
    SourceBlockedError,
    SourceRateLimitedError,
    SourceUnavailableError,
    UnknownSymbolError,
)
from candlecast.market.failover import VenueChain
from candlecast.market.symbols import Symbol
from tests.builders import make_candles

BTC, APPLE = Symbol.parse("BTC/USDT"), Symbol.parse("AAPL")
CANDLES = make_candles(3)
SPAN = {"start": datetime(2024, 1, 1, tzinfo=UTC), "end": datetime(2024, 1, 2, tzinfo=UTC)}
DOWN = SourceUnavailableError("no answer")
ORDER = ("binance", "kraken", "yahoo")


class FakeVenue:
    def __init__(self, name, answers=(), *, streams=False, quote=""):
        self.name, self.streams, self._quote = name, streams, quote
        self._answers = list(answers)
        self.n_calls, self.closed = 0, False

    def quote_of(self, symbol):
        return self._quote

    async def fetch_candles(self, symbol, timeframe, *, start, end):
        return self._answer(CANDLES)

    async def fetch_price(self, symbol):
        return self._answer(42.0)

    async def close(self):
        self.closed = True

    def _answer(self, usual):
        # The last scripted answer stays.
        self.n_calls += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else (self._answers or [usual])[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def no_pauses():
    with stamina.set_testing(True, attempts=3):
        yield


def make_chain(*venues, order=ORDER):
    known = {venue.name: venue for venue in venues}
    return VenueChain(order, open_venue=lambda name: known[name])


def fetch(chain, symbol=BTC, **options):
    return asyncio.run(chain.fetch_candles(symbol, "1h", **SPAN, **options))


def test_chain_asks_the_home_venue_alone_while_it_answers():
    home, other = FakeVenue("binance"), FakeVenue("kraken")

    fetched = fetch(make_chain(home, other))

    pd.testing.assert_frame_equal(fetched.candles, CANDLES)
    assert (fetched.venue, fetched.source, fetched.failover) == ("binance", "binance", False)
    assert other.n_calls == 0


def test_chain_of_a_stock_is_its_own_venue():
    chain = make_chain(FakeVenue("yahoo"))

    assert chain.venues_of(APPLE) == ("yahoo",)
    assert fetch(chain, APPLE).failover is False


def test_chain_puts_the_home_of_the_symbol_first():
    chain = make_chain()

    assert chain.venues_of(BTC) == ORDER
    assert chain.venues_of(Symbol.parse("BTC/USDT", home="kraken")) == ("kraken", "binance", "yahoo")
    assert chain.venues_of(Symbol.parse("BTC/USDT", home="okx")) == ORDER


def test_chain_tries_an_unavailable_home_again_before_the_next():
    home, other = FakeVenue("binance", [DOWN, DOWN, CANDLES]), FakeVenue("kraken")

    fetched = fetch(make_chain(home, other))

    assert fetched.venue == "binance"
    assert (home.n_calls, other.n_calls) == (3, 0)


def test_chain_goes_on_to_the_next_venue_and_says_so(caplog):
    home, other = FakeVenue("binance", [DOWN]), FakeVenue("kraken", quote="USD")
    chain = make_chain(home, other)

    first, second = fetch(chain), fetch(chain)

    assert (first.venue, first.source, first.failover) == ("kraken", "kraken:USD", True)
    assert second.venue == "kraken"
    assert home.n_calls == 3
    assert chain.states()["binance"].state == "open"
    assert len([record for record in caplog.records if "comes from kraken now; no answer" in record.message]) == 1


def test_chain_leaves_a_blocking_venue_alone_without_trying_again():
    home, other = FakeVenue("binance", [SourceBlockedError("451")]), FakeVenue("kraken")
    chain = make_chain(home, other)

    assert [fetch(chain).venue for _ in range(3)] == ["kraken"] * 3
    assert home.n_calls == 1
    assert chain.states()["binance"].opens_again_in_s > 800


def test_chain_back_at_home_says_so(caplog):
    caplog.set_level(logging.INFO)
    home, other = FakeVenue("binance", [DOWN, DOWN, UnknownSymbolError("BTC/USDT", []), CANDLES]), FakeVenue("kraken")
    chain = make_chain(home, other)

    venues = [fetch(chain).venue for _ in range(3)]

    assert venues == ["kraken", "binance", "binance"]
    assert [record.levelname for record in caplog.records if "comes from" in record.message] == ["WARNING", "INFO"]


def test_chain_skips_the_venues_it_is_told_to():
    home, other = FakeVenue("binance"), FakeVenue("kraken")
    chain = make_chain(home, other)

    assert fetch(chain, skip=frozenset({"binance"})).venue == "kraken"
    assert home.n_calls == 0
    with pytest.raises(SourceUnavailableError, match="no venue is left"):
        fetch(chain, skip=frozenset(ORDER))


def test_chain_takes_a_timeframe_that_home_lacks_from_the_next_without_a_failure():
    home, other = FakeVenue("binance", [InvalidRequestError("no 1h")]), FakeVenue("kraken")
    chain = make_chain(home, other)

    venues = [fetch(chain).venue for _ in range(5)]

    assert venues == ["kraken"] * 5
    assert chain.states()["binance"].state == "closed"


def test_symbol_that_nobody_knows_is_named_as_home_names_it():
    unknown = UnknownSymbolError("BTCC/USDT", ["BTC/USDT"])
    chain = make_chain(
        FakeVenue("binance", [unknown]),
        FakeVenue("kraken", [UnknownSymbolError("BTCC/USDT", [])]),
        FakeVenue("yahoo", [UnknownSymbolError("BTCC/USDT", [])]),
    )

    with pytest.raises(UnknownSymbolError, match="did you mean BTC/USDT"):
        fetch(chain, Symbol.parse("BTCC/USDT"))


def test_symbol_that_a_silent_venue_may_know_is_not_called_unknown():
    unknown = UnknownSymbolError("BTC/USDT", [])
    chain = make_chain(FakeVenue("binance", [unknown]), FakeVenue("kraken", [DOWN]), FakeVenue("yahoo", [unknown]))

    with pytest.raises(SourceUnavailableError, match=r"no venue answers for BTC/USDT: .*; no answer; "):
        fetch(chain)


def test_rate_limit_of_all_venues_tells_the_shortest_wait():
    limits = {
        name: SourceRateLimitedError("wait", wait_s) for name, wait_s in zip(ORDER, (30.0, 5.0, 60.0), strict=True)
    }
    chain = make_chain(*(FakeVenue(name, [error]) for name, error in limits.items()))

    with pytest.raises(SourceRateLimitedError) as caught:
        fetch(chain)

    assert caught.value.retry_after_s == 5.0


def test_fetch_from_asks_one_venue_once_and_marks_failover():
    home, other = FakeVenue("binance"), FakeVenue("kraken", [CANDLES, DOWN])
    chain = make_chain(home, other)

    fetched = asyncio.run(chain.fetch_from("kraken", BTC, "1h", **SPAN))

    assert (fetched.venue, fetched.failover) == ("kraken", True)
    with pytest.raises(SourceUnavailableError):
        asyncio.run(chain.fetch_from("kraken", BTC, "1h", **SPAN))
    assert (home.n_calls, other.n_calls) == (0, 2)


def test_price_fails_over_and_states_its_source():
    chain = make_chain(FakeVenue("binance", [DOWN]), FakeVenue("kraken", quote="USD"))

    assert asyncio.run(chain.fetch_price(BTC)) == (42.0, "kraken:USD")


def test_stream_venue_is_a_streaming_home_until_its_breaker_opens():
    home = FakeVenue("binance", streams=True)
    chain = make_chain(home, FakeVenue("kraken", streams=True))

    assert chain.stream_venue(BTC) is home
    for _ in range(3):
        chain.report("binance", DOWN)
    assert chain.stream_venue(BTC) is None


def test_stream_venue_that_cannot_stream_is_none():
    assert make_chain(FakeVenue("binance", streams=False)).stream_venue(BTC) is None


def test_success_of_a_stream_forgets_its_failures():
    chain = make_chain(FakeVenue("binance", streams=True))
    for _ in range(5):
        chain.report("binance", DOWN)
        chain.report("binance", None)

    assert chain.states()["binance"].state == "closed"


def test_close_closes_the_venues_that_were_opened():
    home, other = FakeVenue("binance"), FakeVenue("kraken")
    chain = make_chain(home, other)
    fetch(chain)

    asyncio.run(chain.close())

    assert (home.closed, other.closed) == (True, False)
