from functools import cache

import numpy as np
import pandas as pd
import pytest
import ta

from candlecast.errors import InvalidRequestError
from candlecast.evaluation.leakage import prefix_leaks, window_leaks
from candlecast.features.technical.columns import (
    SLOW_TO_FORGET,
    START_DEPENDENT,
    WARM_UP_CANDLES,
    IndicatorStream,
    technical_indicators,
)
from tests.builders import make_candles

PRICES = ["open", "high", "low", "close"]
# whole prices: many candles close, or peak, at the very same price
CANDLES = make_candles(900, seed=11)
CANDLES[PRICES] = CANDLES[PRICES].round()
PEEKED = {"trend_kst": 44, "trend_kst_sig": 52, "trend_visual_ichimoku_a": 51, "trend_visual_ichimoku_b": 77}
# where the price is just on the band, rounding decides whether it crossed
BANDS = {f"volatility_{band}{side}i": f"volatility_{band}{side}" for band in ("bb", "kc") for side in "hl"}


@cache
def ours():
    return technical_indicators(CANDLES)


@cache
def theirs():
    return ta.add_all_ta_features(CANDLES[[*PRICES, "volume"]].copy(), *PRICES, "volume").drop(
        columns=[*PRICES, "volume"]
    )


def pushed(candles, *, n_known):
    stream = IndicatorStream(candles.iloc[:n_known])
    return pd.DataFrame(
        [stream.push(candle, open_time=candle["open_time"]) for candle in candles.iloc[n_known:].to_dict("records")],
        index=candles.index[n_known:],
    )


def assert_same(found, expected):
    assert list(found) == list(expected)
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-12, err_msg=name)


def test_indicators_have_every_name_of_ta():
    assert sorted(ours()) == sorted(theirs())


@pytest.mark.parametrize("name", technical_indicators(CANDLES.iloc[:0]).columns)
def test_indicator_after_warm_up_equals_ta(name):
    gap = CANDLES["close"] - ours()[BANDS[name]] if name in BANDS else pd.Series(1.0, index=CANDLES.index)
    sure = gap[WARM_UP_CANDLES:].abs() > 1e-9
    found, expected = ours()[name][WARM_UP_CANDLES:][sure], theirs()[name][WARM_UP_CANDLES:][sure]

    assert sure.mean() > 0.9
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * expected.std())


@pytest.mark.parametrize(("name", "n_candles"), PEEKED.items())
def test_indicator_in_warm_up_where_ta_peeks_is_nan(name, n_candles):
    assert ours()[name][: n_candles - 1].isna().all()
    assert ours()[name][n_candles:].notna().all()
    assert theirs()[name][: n_candles - 1].notna().any()


def test_indicators_of_truncated_history_are_equal():
    assert prefix_leaks(technical_indicators, CANDLES, rows=[60, 500, 700]) == {}


def test_indicators_of_recent_candles_depend_on_the_start_only_where_said():
    leaks = window_leaks(technical_indicators, CANDLES, rows=[600, 750, 899], window_candles=WARM_UP_CANDLES)

    assert leaks.keys() >= START_DEPENDENT
    assert leaks.keys() <= START_DEPENDENT | SLOW_TO_FORGET


def test_indicators_may_be_written_to_and_leave_the_candles_alone():
    candles = CANDLES.iloc[:60].copy()
    table = technical_indicators(candles)

    table.iloc[30] = 7.0

    assert (table.iloc[30] == 7.0).all()
    pd.testing.assert_frame_equal(candles, CANDLES.iloc[:60])


def test_stream_after_history_equals_batch():
    assert_same(pushed(CANDLES, n_known=600), ours().iloc[600:])


def test_stream_from_the_first_candle_warms_up_as_batch_does():
    assert_same(pushed(CANDLES.iloc[:150], n_known=0), ours().iloc[:150])


@pytest.mark.parametrize("n_known", [0, 7])
def test_stream_of_unknown_and_absent_volume_equals_batch(n_known):
    holed = CANDLES.iloc[:200].copy()
    holed.loc[[3, 60, 61], "volume"] = np.nan
    holed.loc[100:130, "volume"] = 0.0

    batch = technical_indicators(holed)

    assert_same(pushed(holed, n_known=n_known), batch.iloc[n_known:])
    assert not np.isinf(batch.to_numpy()).any()
    assert np.isnan(batch.loc[60, "volume_fi"])
    assert np.isnan(batch.loc[120, "volume_cmf"])
    assert not np.isnan(batch.loc[90, "volume_mfi"])


def test_stream_of_flat_prices_equals_batch():
    flat = CANDLES.iloc[:120].copy()
    flat.loc[40:, PRICES] = 0.1

    assert_same(pushed(flat, n_known=30), technical_indicators(flat).iloc[30:])
    assert np.isnan(technical_indicators(flat).loc[119, ["trend_cci", "volatility_bbp", "momentum_stoch"]]).all()


def test_push_of_a_candle_that_is_known_is_refused_and_changes_nothing():
    stream, again = IndicatorStream(CANDLES.iloc[:300]), CANDLES.iloc[299].to_dict()
    following = CANDLES.iloc[300].to_dict()

    with pytest.raises(InvalidRequestError, match="start a new stream to change what was"):
        stream.push(again, open_time=again["open_time"])

    assert stream.push(following, open_time=following["open_time"])["trend_adx"] == pytest.approx(
        ours()["trend_adx"][300]
    )
