"""Does a stream that is lost or silent end with an error?"""

import asyncio
from contextlib import aclosing

import pytest

from candlecast.clock import SystemClock
from candlecast.errors import SourceUnavailableError
from candlecast.market.stream import watch_stream
from candlecast.market.symbols import Symbol
from tests.builders import make_candles
from tests.fake_venue import FakeVenue

BTC = Symbol.parse("BTC/USDT")


def watch(venue: FakeVenue, *, silence_s: float = 5.0) -> tuple[list[int], SourceUnavailableError]:
    """Return the opens that came, and the error at the end."""
    came = []

    async def follow() -> None:
        async with aclosing(watch_stream(venue, [BTC], "1h", silence_s=silence_s)) as stream:
            async for update in stream:
                came.append(update.open_us)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(SourceUnavailableError) as raised:
        asyncio.run(follow())
    return came, raised.value


@pytest.fixture
def venue() -> FakeVenue:
    return FakeVenue("binance", {BTC.name: make_candles(10)}, SystemClock(), streams=True)


def test_stream_yields_what_comes_until_it_is_lost(venue):
    venue.tell(BTC, 3)
    venue.tell(BTC, 4)
    venue.pushed.put_nowait(SourceUnavailableError("connection lost"))

    came, error = watch(venue)

    assert len(came) == 2
    assert "connection lost" in str(error)


def test_stream_that_falls_silent_is_dead(venue):
    venue.tell(BTC, 3)

    came, error = watch(venue, silence_s=0.1)

    assert len(came) == 1
    assert "silent on its stream for 0.1 s" in str(error)


def test_stream_that_ends_by_itself_is_an_error(venue):
    async def ends(*_):
        return
        yield

    venue.stream_candles = ends

    came, error = watch(venue)

    assert (came, str(error)) == ([], "binance ended its stream; connecting again")
