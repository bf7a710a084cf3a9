import asyncio
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from candlecast.errors import (
    SourceUnavailableError,
    UnknownSymbolError,
)
from candlecast.market.symbols import Symbol
from candlecast.market.validation import validate_candles
from candlecast.market.venues.yahoo import YahooVenue
from candlecast.replay.recordings import load_recording
from candlecast.replay.server import build_replay
from tests.builders import make_frozen_clock, make_small_recording
from tests.integration.market.venues.faults import build_faulty
from tests.loopback import serve_app

APPLE = Symbol.parse("AAPL")
NOON = datetime(2012, 7, 3, 15, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def recording():
    return load_recording(None, ["AAPL", "FB"])


@pytest.fixture(scope="module")
def address(recording):
    with serve_app(build_replay(recording, make_frozen_clock(NOON, recording.end))) as url:
        yield url


@pytest.fixture
def ask(tmp_path):
    def run(address, call):
        async def asked():
            venue = YahooVenue(base_url=address, cache_folder=tmp_path)
            try:
                return await call(venue)
            finally:
                await venue.close()

        return asyncio.run(asked())

    return run


def fetch_all(recording, symbol=APPLE):
    return lambda venue: venue.fetch_candles(symbol, recording.timeframe, start=recording.start, end=recording.end)


def test_fetched_days_equal_the_recording_row_for_row_adjusted(ask, address, recording):
    series = recording.series["AAPL"]
    closed = series.candles[series.candles["close_time"] <= NOON].copy()
    factors = series.adjusted_close[: len(closed)] / closed["close"].to_numpy()
    for name in ("open", "high", "low", "close"):
        closed[name] = closed[name] * factors

    fetched = ask(address, fetch_all(recording))

    assert len(fetched) == len(closed) + 1
    pd.testing.assert_frame_equal(fetched.iloc[:-1], closed, check_exact=True)


def test_running_day_is_dropped_by_validation(ask, address, recording):
    fetched = ask(address, fetch_all(recording))

    validated = validate_candles(fetched, symbol=APPLE, timeframe="1d", now=NOON)

    assert fetched["open_time"].iloc[-1] == datetime(2012, 7, 3, 13, 30, tzinfo=UTC)
    assert len(validated.candles) == len(fetched) - 1
    assert len(validated.rejected) == 0


def test_split_is_no_jump_in_adjusted_prices(ask, address, recording):
    # AAPL was split 2:1 on 2005-02-28.
    fetched = ask(address, fetch_all(recording))

    around = fetched[(fetched["open_time"] > "2005-02-01") & (fetched["open_time"] < "2005-04-01")]
    assert np.abs(np.diff(np.log(around["close"].to_numpy()))).max() < 0.1


def test_price_is_on_the_scale_of_the_candles(ask, address, recording):
    price = ask(address, lambda venue: venue.fetch_price(APPLE))
    fetched = ask(address, fetch_all(recording))

    assert price == pytest.approx(fetched["close"].iloc[-1])


def test_fetch_takes_opens_from_start_up_to_before_end(ask, address):
    start, end = datetime(2012, 6, 27, 13, 30, tzinfo=UTC), datetime(2012, 6, 29, 13, 30, tzinfo=UTC)

    fetched = ask(address, lambda venue: venue.fetch_candles(APPLE, "1d", start=start, end=end))

    assert [moment.day for moment in fetched["open_time"]] == [27, 28]


def test_time_before_the_listing_has_no_candles(ask, address, recording):
    facebook = Symbol.parse("FB")
    end = datetime(2012, 5, 1, tzinfo=UTC)

    fetched = ask(address, lambda venue: venue.fetch_candles(facebook, "1d", start=recording.start, end=end))

    assert len(fetched) == 0
    assert fetched["open_time"].dtype == "datetime64[us, UTC]"


def test_moving_clock_is_seen_in_the_same_range(ask, recording):
    clock = make_frozen_clock(NOON, recording.end)
    later = make_frozen_clock(NOON + timedelta(days=2), recording.end)

    with serve_app(build_replay(recording, clock)) as first, serve_app(build_replay(recording, later)) as second:
        before, after = ask(first, fetch_all(recording)), ask(second, fetch_all(recording))

    assert len(after) == len(before) + 1


def test_intraday_slots_equal_the_recording_row_for_row(ask):
    recording = make_small_recording(["AAPL"], 200, timeframe="1h")

    with serve_app(build_replay(recording, make_frozen_clock(recording.end, recording.end))) as url:
        fetched = ask(url, fetch_all(recording))

    pd.testing.assert_frame_equal(fetched, recording.series["AAPL"].candles, check_exact=True)


def test_days_of_a_coin_lie_on_midnight_and_have_no_volume(ask):
    recording = make_small_recording(["BTC/USDT"], 200, timeframe="1d")
    noon = recording.end - timedelta(hours=12)
    bitcoin = Symbol.parse("BTC/USDT")

    with serve_app(build_replay(recording, make_frozen_clock(noon, recording.end))) as url:
        fetched = ask(url, fetch_all(recording, bitcoin))

    recorded = recording.series["BTC/USDT"].candles
    prices = ["open_time", "close_time", "open", "high", "low", "close"]
    pd.testing.assert_frame_equal(fetched[prices][:-1], recorded[prices][:-1], check_exact=True)
    assert fetched["open_time"].iloc[-1] == recorded["open_time"].iloc[-1]
    # Yahoo's figure is money at all venues, no amount of coins.
    assert fetched["volume"].isna().all()


def test_coin_in_a_near_currency_says_so(tmp_path):
    venue = YahooVenue(cache_folder=tmp_path)

    quotes = [venue.quote_of(Symbol.parse(name)) for name in ("BTC/USDT", "BTC/USD", "AAPL")]

    assert quotes == ["USD", "", ""]


def test_pair_in_another_spelling_is_named(ask, address, recording):
    with pytest.raises(UnknownSymbolError, match="did you mean BTC/USDT"):
        ask(address, fetch_all(recording, Symbol.parse("BTCUSDT")))


def test_unknown_symbol_is_told(ask, address, recording):
    with pytest.raises(UnknownSymbolError, match="NOPE"):
        ask(address, fetch_all(recording, Symbol.parse("NOPE")))


def test_failure_is_not_remembered(ask, recording, address):
    with serve_app(build_faulty(503, "no")) as url, pytest.raises(SourceUnavailableError):
        ask(url, fetch_all(recording))

    assert len(ask(address, fetch_all(recording))) > 3_000
