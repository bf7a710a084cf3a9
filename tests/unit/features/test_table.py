from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.evaluation.leakage import prefix_leaks, window_leaks
from candlecast.features.table import FEATURE_NAMES, MIN_ROW_CANDLES, WARM_UP_CANDLES, build_features, features_digest
from candlecast.market.candles import empty_candles
from tests.builders import make_candles

CANDLES = make_candles(1_500, seed=5)


def test_features_have_the_named_columns_in_order():
    features = build_features(CANDLES)

    assert tuple(features.columns) == FEATURE_NAMES
    assert len(features) == 1_500
    assert set(features.dtypes) == {np.dtype("float64")}


def test_features_of_no_candle_are_an_empty_table():
    assert tuple(build_features(empty_candles()).columns) == FEATURE_NAMES


def test_features_after_the_first_week_are_finite():
    features = build_features(CANDLES).to_numpy()

    assert np.isfinite(features[MIN_ROW_CANDLES:]).all()
    assert np.isnan(features[0]).any()


def test_every_feature_ignores_the_future():
    assert prefix_leaks(build_features, CANDLES, rows=range(0, 1_500, 83)) == {}


@settings(max_examples=15, deadline=None)
@given(row=st.integers(200, 1_400), factor=st.floats(0.2, 5.0))
def test_features_when_the_future_changes_stay_the_same(row, factor):
    changed = CANDLES.copy()
    changed.loc[row + 1 :, ["open", "high", "low", "close", "volume"]] *= factor

    before, after = build_features(CANDLES).iloc[row], build_features(changed).iloc[row]

    pd.testing.assert_series_equal(before, after, check_exact=True)


def test_every_feature_needs_only_the_window():
    rows = range(WARM_UP_CANDLES - 1, 1_500, 61)

    assert window_leaks(build_features, CANDLES, rows=rows, window_candles=WARM_UP_CANDLES) == {}


def test_window_check_with_too_short_a_window_fails():
    found = window_leaks(build_features, CANDLES, rows=[1_000], window_candles=200)

    assert "ema_gap_50" in found


def test_return_12_equals_written_formula():
    closes = CANDLES["close"].to_numpy()

    assert np.isclose(build_features(CANDLES)["return_12"].iloc[900], np.log(closes[900] / closes[888]))


@pytest.mark.parametrize("timeframe", ["1m", "1d"])
def test_features_of_other_timeframes_are_computed(timeframe):
    features = build_features(make_candles(400, timeframe=timeframe))

    assert np.isfinite(features["rsi_14"].iloc[-1])


def test_digest_is_that_of_little_endian_float64():
    row = np.array([1.0, np.nan, -2.5])

    assert features_digest(row) == sha256(row.astype("<f8").tobytes()).hexdigest()
