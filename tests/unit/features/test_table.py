from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.evaluation.leakage import prefix_leaks, window_leaks
from candlecast.features.market import MarketReturns
from candlecast.features.sentiment import NEWS_DAYS, NEWS_FEATURE_NAMES, news_terms
from candlecast.features.table import FEATURE_NAMES, MIN_ROW_CANDLES, WARM_UP_CANDLES, build_features, features_digest
from candlecast.market.calendars import to_microseconds
from candlecast.market.candles import empty_candles
from candlecast.sentiment.aggregate import Stories
from tests.builders import make_candles, make_stories

CANDLES = make_candles(1_500, seed=5)
STORIES = make_stories(CANDLES)
HOUR, DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)


def known_in(candles: pd.DataFrame, *, since: pd.Timedelta = 9_999 * DAY) -> Stories:
    """Return the stories known by the last close, and not longer before than `since`."""
    last = candles["close_time"].iloc[-1]
    low, high = to_microseconds(pd.DatetimeIndex([last - since, last]))
    kept = (STORIES.known_us >= low) & (STORIES.known_us <= high)
    return Stories(STORIES.known_us[kept], STORIES.told_us[kept], STORIES.score[kept])


def test_features_have_the_named_columns_in_order():
    features = build_features(CANDLES)

    assert tuple(features.columns) == FEATURE_NAMES
    assert len(features) == 1_500
    assert set(features.dtypes) == {np.dtype("float64")}


def test_features_of_no_candle_are_an_empty_table():
    assert tuple(build_features(empty_candles()).columns) == FEATURE_NAMES


def test_features_after_the_first_week_are_finite():
    pair = {"BTC/USDT": CANDLES, "ETH/USDT": make_candles(1_500, seed=6, symbol="ETH/USDT")}
    features = build_features(CANDLES, market=MarketReturns.of(pair)).to_numpy()

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


def test_return_1_equals_written_formula():
    closes = CANDLES["close"].to_numpy()

    assert np.isclose(build_features(CANDLES)["return_1"].iloc[900], np.log(closes[900] / closes[899]))


@pytest.mark.parametrize("timeframe", ["1m", "1d"])
def test_features_of_other_timeframes_are_computed(timeframe):
    features = build_features(make_candles(400, timeframe=timeframe))

    assert np.isfinite(features["rsi_14"].iloc[-1])


def test_digest_is_that_of_little_endian_float64():
    row = np.array([1.0, np.nan, -2.5])

    assert features_digest(row) == sha256(row.astype("<f8").tobytes()).hexdigest()


def test_features_with_news_have_its_columns_behind_the_others():
    features = build_features(CANDLES, STORIES)

    assert tuple(features.columns) == FEATURE_NAMES + NEWS_FEATURE_NAMES
    pd.testing.assert_frame_equal(features[list(FEATURE_NAMES)], build_features(CANDLES))
    assert tuple(build_features(empty_candles(), STORIES).columns) == FEATURE_NAMES + NEWS_FEATURE_NAMES


def test_every_news_feature_ignores_what_is_known_later():
    found = prefix_leaks(lambda candles: build_features(candles, known_in(candles)), CANDLES, rows=range(3, 1_500, 167))

    assert found == {}


def test_news_that_look_an_hour_ahead_are_caught():
    def peek(candles):
        closes = pd.DatetimeIndex(candles["close_time"]) + HOUR
        return pd.DataFrame(news_terms(known_in(candles), closes), index=candles.index)

    assert "news_score" in prefix_leaks(peek, CANDLES, rows=range(500, 560, 4))


def test_every_news_feature_needs_only_the_window():
    def build(candles):
        stories = STORIES if len(candles) == len(CANDLES) else known_in(candles, since=NEWS_DAYS * DAY)
        return build_features(candles, stories)

    rows = range(WARM_UP_CANDLES - 1, 1_500, 167)
    assert window_leaks(build, CANDLES, rows=rows, window_candles=WARM_UP_CANDLES) == {}
