import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import log_loss as sklearn_log_loss
from sklearn.metrics import roc_auc_score

from candlecast.evaluation.metrics import (
    auc,
    calibration_error,
    direction_metrics,
    interval_metrics,
    log_loss,
    spearman,
    wilson_interval,
)

RNG = np.random.default_rng(0)
UPS = (RNG.random(400) < 0.5).astype(float)
ODDS = np.round(np.clip(0.5 + 0.1 * (UPS - 0.5) + 0.1 * RNG.normal(size=400), 0.01, 0.99), 2)


def test_wilson_of_ten_in_twenty_is_the_published_interval():
    low, high = wilson_interval(10, 20)

    assert (round(low, 4), round(high, 4)) == (0.2993, 0.7007)


def test_wilson_of_nothing_says_nothing():
    assert wilson_interval(0, 0) == (0.0, 1.0)


@settings(deadline=None)
@given(n=st.integers(1, 500), share=st.floats(0, 1))
def test_wilson_holds_the_share_and_stays_within_bounds(n, share):
    hits = round(share * n)

    low, high = wilson_interval(hits, n)

    assert -1e-9 <= low <= hits / n + 1e-9
    assert hits / n - 1e-9 <= high <= 1 + 1e-9


def test_auc_with_ties_equals_sklearn():
    assert math.isclose(auc(ODDS, UPS), roc_auc_score(UPS, ODDS))


def test_auc_of_one_class_is_undefined():
    assert math.isnan(auc(ODDS, np.ones(400)))


def test_log_loss_equals_sklearn():
    assert math.isclose(log_loss(ODDS, UPS), sklearn_log_loss(UPS, ODDS))


def test_spearman_equals_scipy_on_known_rows():
    left, right = RNG.normal(size=100), RNG.normal(size=100)
    left[3] = np.nan

    keep = np.isfinite(left)

    assert math.isclose(spearman(left, right), spearmanr(left[keep], right[keep]).statistic)


def test_calibration_error_of_a_constant_tenth_off_is_a_tenth():
    direction = np.tile([1.0, 0.0], 50)

    assert math.isclose(calibration_error(np.full(100, 0.6), direction, n_bins=1), 0.1)


def test_direction_metrics_of_four_rows_are_those_written_out():
    found = direction_metrics(np.array([0.9, 0.6, 0.4, 0.2]), np.array([1.0, 0.0, 0.0, 0.0]))

    assert found["accuracy"] == 0.75
    assert found["majority_share"] == 0.75
    assert math.isclose(found["balanced_accuracy"], (1 + 2 / 3) / 2)
    assert found["top_decile_accuracy"] == 1.0
    assert math.isclose(found["brier"], (0.01 + 0.36 + 0.16 + 0.04) / 4)


def test_interval_metrics_of_three_rows_are_those_written_out():
    found = interval_metrics(np.array([0.5, -2.0, np.nan]), np.array([1.0, 1.0, 1.0]), level=0.8)

    assert found["n"] == 2
    assert found["coverage"] == 0.5
    assert found["width"] == 2.0
    assert found["winkler"] == pytest.approx((2.0 + 2.0 + 10.0) / 2)
