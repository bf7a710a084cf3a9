from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.market.candles import CANDLE_COLUMNS, empty_candles
from candlecast.market.symbols import Symbol
from candlecast.market.validation import Validated, validate_candles
from tests.builders import make_candles

BTC = Symbol.parse("BTC/USDT")
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def validate(frame: pd.DataFrame, *, symbol: Symbol = BTC, timeframe: str = "1h", now: datetime = LATER) -> Validated:
    return validate_candles(frame, symbol=symbol, timeframe=timeframe, now=now)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("close", np.nan, "close is missing"),
        ("open", np.inf, "open is infinite"),
        ("low", 0.0, "low is not above 0"),
        ("close", -1.0, "close is not above 0"),
        ("high", 0.01, "high is below another price"),
        ("volume", -1.0, "volume is negative"),
        ("volume", np.inf, "volume is infinite"),
    ],
)
def test_validate_with_a_broken_row_sets_it_aside_with_the_reason(column, value, reason):
    candles = make_candles(10)
    broken = candles.copy()
    broken.loc[4, column] = value

    validated = validate(broken)

    assert validated.rejected["reason"].tolist() == [reason]
    pd.testing.assert_frame_equal(validated.rejected[list(CANDLE_COLUMNS)], broken.loc[[4]].reset_index(drop=True))
    pd.testing.assert_frame_equal(validated.candles, candles.drop(index=4).reset_index(drop=True))


def test_validate_with_a_low_above_the_open_rejects_the_row():
    candles = make_candles(3)
    candles.loc[1, "low"] = candles.loc[1, "high"]

    assert validate(candles).rejected["reason"].tolist() == ["low is above another price"]


def test_validate_with_missing_volume_keeps_the_candle():
    candles = make_candles(3)
    candles.loc[1, "volume"] = np.nan

    validated = validate(candles)

    assert len(validated.rejected) == 0
    assert np.isnan(validated.candles["volume"][1])


def test_validate_off_the_grid_rejects_the_row():
    candles = make_candles(3)
    candles.loc[2, "open_time"] += pd.Timedelta(minutes=7)

    assert validate(candles).rejected["reason"].tolist() == ["opens off the grid of its timeframe"]


def test_validate_of_a_stock_outside_the_session_rejects_the_row():
    candles = make_candles(3, symbol="AAPL", timeframe="1d")
    candles.loc[1, "open_time"] -= pd.Timedelta(hours=14)

    rejected = validate(candles, symbol=Symbol.parse("AAPL"), timeframe="1d").rejected

    assert rejected["reason"].tolist() == ["opens off the grid of its timeframe"]


def test_validate_leaves_the_running_candle_out_silently():
    candles = make_candles(5)
    now = candles["close_time"][3].to_pydatetime()

    validated = validate(candles, now=now)

    pd.testing.assert_frame_equal(validated.candles, candles[:4])
    assert len(validated.rejected) == 0


def test_validate_with_two_rows_of_one_open_keeps_the_later():
    candles = make_candles(3)
    revised = candles.loc[[1]].assign(volume=99.0)

    validated = validate(pd.concat([candles, revised]))

    assert validated.candles["volume"][1] == 99.0
    assert validated.rejected["reason"].tolist() == ["replaced by a later row of the same open time"]


def test_validate_of_no_rows_is_empty():
    validated = validate(empty_candles())

    pd.testing.assert_frame_equal(validated.candles, empty_candles())
    assert list(validated.rejected.columns) == [*CANDLE_COLUMNS, "reason"]


def test_validate_with_gaps_fills_nothing():
    candles = make_candles(200, gap_share=0.2)

    validated = validate(candles)

    assert len(candles) < 190
    pd.testing.assert_frame_equal(validated.candles, candles)


@given(order=st.permutations(range(12)), repeated=st.lists(st.integers(0, 11), max_size=5))
@settings(max_examples=8, deadline=None)
def test_validate_of_shuffled_and_repeated_rows_gives_the_same_candles(order, repeated):
    candles = make_candles(12)

    validated = validate(candles.loc[[*order, *repeated]])

    pd.testing.assert_frame_equal(validated.candles, candles)
    assert len(validated.rejected) == 0


def test_validate_row_that_opens_in_the_future_rejects_it_and_leaves_the_running_one_out():
    candles = make_candles(4)
    now = candles["open_time"][2] + (candles["close_time"][2] - candles["open_time"][2]) / 2

    validated = validate(candles, now=now.to_pydatetime())

    assert len(validated.candles) == 2
    assert validated.rejected["reason"].tolist() == ["opens in the future"]
    assert validated.rejected["open_time"].tolist() == [candles["open_time"][3]]


def test_validate_candle_called_closed_before_its_close_rejects_it():
    candles = make_candles(2)
    now = candles["close_time"][1].to_pydatetime() - timedelta(seconds=1)

    validated = validate_candles(candles, symbol=BTC, timeframe="1h", now=now, said_closed=True)

    assert validated.rejected["reason"].tolist() == ["is said to be closed before its close"]


def test_validate_bad_tick_sets_it_aside():
    candles = make_candles(5)
    candles.loc[2, ["open", "high", "low", "close"]] *= 50

    validated = validate(candles)

    assert validated.rejected["open_time"].tolist() == [candles["open_time"][2]]
    assert "jumps" in validated.rejected["reason"][0]


def test_validate_of_several_symbols_equals_each_validated_alone():
    parts = {1: make_candles(20, seed=1, gap_share=0.2), 2: make_candles(20, seed=2)}
    parts[2].loc[3, "close"] = -1.0
    parts[1] = pd.concat([parts[1], parts[1].tail(1).assign(close=parts[1]["high"].iloc[-1])])
    together = pd.concat([frame.assign(symbol_id=key) for key, frame in parts.items()]).sample(frac=1, random_state=3)

    validated = validate(together)

    for key, frame in parts.items():
        alone = validate(frame)
        mine = validated.candles[validated.candles["symbol_id"] == key]
        pd.testing.assert_frame_equal(mine[list(CANDLE_COLUMNS)].reset_index(drop=True), alone.candles)
        reasons = validated.rejected.loc[validated.rejected["symbol_id"] == key, "reason"].tolist()
        assert reasons == alone.rejected["reason"].tolist() != []
