import asyncio
import json
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from candlecast.errors import (
    InvalidRequestError,
    SourceUnavailableError,
    UnknownSymbolError,
)
from candlecast.market.symbols import Symbol
from candlecast.market.validation import validate_candles
from candlecast.market.venues.ccxt_client import Access
from candlecast.market.venues.ccxt_venue import CcxtVenue
from candlecast.market.venues.dialects.binance import BINANCE
from candlecast.replay.recordings import RecordedSymbol, Recording
from candlecast.replay.server import build_replay
from tests.builders import make_frozen_clock, make_small_recording
from tests.loopback import serve_app

BTC = Symbol.parse("BTC/USDT")


@pytest.fixture(scope="module")
def recording():
    # The gap spans a whole page and more.
    recording = make_small_recording(["BTC/USDT", "ETH/USDT"], 4_500, gap_share=0.01)
    bitcoin = recording.series["BTC/USDT"]
    kept = np.r_[0:1_500, 2_700 : len(bitcoin.candles)]
    holed = RecordedSymbol(BTC, bitcoin.candles.loc[kept].reset_index(drop=True), bitcoin.adjusted_close[kept])
    return Recording(recording.name, recording.timeframe, recording.series | {"BTC/USDT": holed})


@pytest.fixture(scope="module")
def halfway(recording):
    return recording.series["BTC/USDT"].candles["open_time"].iloc[-10].to_pydatetime() + timedelta(minutes=20)


@pytest.fixture(scope="module")
def address(recording, halfway):
    with serve_app(build_replay(recording, make_frozen_clock(halfway, recording.end))) as url:
        yield url


def ask(address, call):
    async def run():
        venue = CcxtVenue("binance", dialect=BINANCE, access=Access(address))
        try:
            return await call(venue)
        finally:
            await venue.close()

    return asyncio.run(run())


def test_fetched_candles_equal_the_recording_row_for_row(address, recording, halfway):
    recorded = recording.series["BTC/USDT"].candles
    closed = recorded[recorded["close_time"] <= halfway].reset_index(drop=True)

    fetched = ask(address, lambda venue: venue.fetch_candles(BTC, "1h", start=recording.start, end=recording.end))

    assert len(fetched) == len(closed) + 1
    pd.testing.assert_frame_equal(fetched.iloc[:-1], closed, check_exact=True)


def test_running_candle_is_dropped_by_validation(address, recording, halfway):
    recorded = recording.series["BTC/USDT"].candles
    fetched = ask(address, lambda venue: venue.fetch_candles(BTC, "1h", start=recording.start, end=recording.end))

    validated = validate_candles(fetched, symbol=BTC, timeframe="1h", now=halfway)

    assert fetched["close_time"].iloc[-1] > halfway
    pd.testing.assert_frame_equal(validated.candles, recorded[: len(validated.candles)], check_exact=True)
    assert validated.candles["close_time"].iloc[-1] <= halfway
    assert len(validated.rejected) == 0


def test_unknown_symbol_names_the_near_ones(address, recording):
    with pytest.raises(UnknownSymbolError, match="did you mean BTC/USDT"):
        ask(address, lambda venue: venue.fetch_price(Symbol.parse("BTC/USDC")))


def test_timeframe_that_the_venue_lacks_is_refused(address, recording):
    with pytest.raises(InvalidRequestError, match="Invalid interval"):
        ask(address, lambda venue: venue.fetch_candles(BTC, "5m", start=recording.start, end=recording.end))


@pytest.mark.parametrize(
    "page",
    [
        '[[1609718400000,"1","2","3"]]',
        '[[1609718400000,"1","2"],[1609722000000,"1","2"]]',
        '[[1609718400000,"1","2","1","x","5",1609721999999,"0",0,"0","0","0"]]',
        '[[1609718400000,"1","2","1",null,"5",1609721999999,"0",0,"0","0","0"]]',
        "[5]",
        '{"a":1}',
    ],
)
def test_broken_candles_are_refused_not_guessed(recording, address, monkeypatch, page):
    async def call(venue):
        monkeypatch.setattr(venue._client, "publicGetKlines", answer)
        return await venue.fetch_candles(BTC, "1h", start=recording.start, end=recording.start + timedelta(hours=1))

    async def answer(_):
        return json.loads(page)

    with pytest.raises(SourceUnavailableError, match="Binance answered"):
        ask(address, call)
