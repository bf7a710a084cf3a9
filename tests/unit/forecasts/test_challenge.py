"""Is a challenger's gain held against how long outcomes overlap?"""

import numpy as np
import pandas as pd

from candlecast.evaluation.paired import log_losses, paired_test
from candlecast.record.challenge import compare_forecasts
from candlecast.storage.postgres.record import CommonForecasts


def test_outcomes_overlap_for_as_long_as_targets_reach_on_the_calendar():
    rng = np.random.default_rng(3)
    closes = pd.date_range("2024-01-01T16:00Z", periods=60, freq="D")
    p_up, p_up_other, change = rng.uniform(0.3, 0.7, 60), rng.uniform(0.3, 0.7, 60), rng.normal(size=60)
    # seven candles of an hour, as a stock has them in a day, are five days with nights and a weekend
    common = CommonForecasts(closes, closes + pd.Timedelta(days=5), p_up, p_up_other, change)

    found = compare_forecasts(common)

    up = (change > 0.0).astype(float)
    losses = (log_losses(p_up_other, up), log_losses(p_up, up))
    assert found == paired_test(*losses, closes, lag_days=5)
    assert found != paired_test(*losses, closes, lag_days=1)


def test_nothing_in_common_is_no_gain():
    none = pd.DatetimeIndex([], tz="UTC")

    assert compare_forecasts(CommonForecasts(none, none, *(np.zeros(0),) * 3)).n == 0
