from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from candlecast.errors import InvalidRequestError
from candlecast.market.calendars import expected_open_times
from candlecast.market.symbols import Symbol
from candlecast.market.validation import validate_candles
from candlecast.replay.synthetic import name_symbols
from tests.builders import make_candles, make_small_recording


def test_make_recording_with_one_seed_is_repeatable():
    pd.testing.assert_frame_equal(make_candles(50, seed=3), make_candles(50, seed=3))
    assert not make_candles(50, seed=3)["close"].equals(make_candles(50, seed=4)["close"])


@pytest.mark.parametrize(("symbol", "timeframe"), [("BTC/USDT", "1h"), ("AAPL", "1d"), ("AAPL", "1h")])
def test_made_candles_pass_validation(symbol, timeframe):
    candles = make_candles(400, symbol=symbol, timeframe=timeframe)
    later = datetime(2030, 1, 1, tzinfo=UTC)

    validated = validate_candles(candles, symbol=Symbol.parse(symbol), timeframe=timeframe, now=later)

    assert len(validated.rejected) == 0
    pd.testing.assert_frame_equal(validated.candles, candles)


def test_made_stock_candles_lie_on_the_grid_without_holes():
    candles = make_candles(60, symbol="AAPL", timeframe="1h")
    first, last = candles["open_time"].iloc[0], candles["close_time"].iloc[-1]

    due = expected_open_times(first, last, timeframe="1h", calendar="XNYS")

    assert list(candles["open_time"]) == list(due)


def test_made_gaps_have_the_wanted_share():
    candles = make_candles(5_000, gap_share=0.1)

    assert 0.08 < 1 - len(candles) / 5_000 < 0.12


def test_made_volatility_clusters():
    returns = np.diff(np.log(make_candles(20_000)["close"].to_numpy()))
    sizes = np.abs(returns) - np.abs(returns).mean()

    correlation = float((sizes[1:] * sizes[:-1]).mean() / (sizes**2).mean())

    assert correlation > 0.05


def test_symbols_of_one_recording_differ():
    recording = make_small_recording(["BTC/USDT", "ETH/USDT"], 20)

    first, second = (series.candles["close"].to_numpy() for series in recording.series.values())
    assert not np.array_equal(first, second)


def test_make_recording_out_of_range_is_refused():
    with pytest.raises(InvalidRequestError, match="n_candles must be at least 2, was 1"):
        make_candles(1)
    with pytest.raises(InvalidRequestError, match=r"below 1, was 1\.0"):
        make_candles(5, gap_share=1.0)


def test_generated_symbols_have_names_of_their_own():
    names = name_symbols(200)

    assert names[0] == "SYN001/USDT"
    assert len(set(names)) == 200
    assert all(Symbol.parse(name).asset_class == "crypto" for name in names)


@pytest.mark.parametrize("n_symbols", [0, 1_000])
def test_a_number_of_symbols_out_of_range_is_refused(n_symbols):
    with pytest.raises(InvalidRequestError, match="between 1 and 999"):
        name_symbols(n_symbols)
