import math

import numpy as np
import pytest

from candlecast.features.technical.plan import Plan
from candlecast.features.technical.series import source
from candlecast.features.technical.windows import (
    change,
    deviation,
    earlier,
    highest,
    lowest,
    mean,
    mean_deviation,
    place_of_highest,
    total,
)

X = source("x")
# in tenths, so that values repeat; one is unknown
VALUES = np.random.default_rng(5).normal(size=60).round(1)
VALUES[[0, 30]] = np.nan
ORACLES = {
    total: np.sum,
    mean: np.mean,
    deviation: np.std,
    mean_deviation: lambda window: np.mean(np.abs(window - np.mean(window))),
    highest: np.max,
    lowest: np.min,
    place_of_highest: lambda window: math.nan if np.isnan(window).any() else float(np.argmax(window)),
}


def both_ways(series, values, *, n_known):
    plan = Plan.of({"found": series})
    follower = plan.follow({"x": values[:n_known]})
    stepped = [follower.push({"x": value})["found"] for value in values[n_known:].tolist()]
    return plan.batch({"x": values})["found"], stepped


@pytest.mark.parametrize("n", [1, 2, 7, 13])
@pytest.mark.parametrize("window", ORACLES, ids=lambda window: window.__name__)
def test_window_in_both_ways_equals_slow_oracle(window, n):
    expected = [ORACLES[window](VALUES[i + 1 - n : i + 1]) if i + 1 >= n else math.nan for i in range(len(VALUES))]

    batch, stepped = both_ways(window(X, n), VALUES, n_known=0)

    np.testing.assert_allclose(batch, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(stepped, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("n_known", [1, 5, 40])
def test_window_goes_on_where_history_ends(n_known):
    batch, stepped = both_ways(mean(X, 7), VALUES, n_known=n_known)

    np.testing.assert_allclose(stepped, batch[n_known:], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("n_known", [0, 2, 10])
def test_change_is_the_difference_to_earlier(n_known):
    values = np.array([1.0, 4.0, 9.0, 16.0, 25.0, 36.0, 49.0, 64.0, 81.0, 100.0, 121.0, 144.0])

    batch, stepped = both_ways(change(X, 3), values, n_known=n_known)

    np.testing.assert_array_equal(batch, [math.nan] * 3 + [15.0, 21.0, 27.0, 33.0, 39.0, 45.0, 51.0, 57.0, 63.0])
    np.testing.assert_array_equal(stepped, batch[n_known:])


def test_earlier_of_a_history_shorter_than_the_step_is_unknown():
    batch, stepped = both_ways(earlier(X, 5), VALUES[:3], n_known=1)

    assert np.isnan(batch).all()
    assert np.isnan(stepped).all()


def test_deviation_of_equal_values_is_exactly_zero():
    batch, stepped = both_ways(deviation(X, 7), np.full(20, 0.1), n_known=10)

    assert set(batch[6:]) == {0.0}
    assert set(stepped) == {0.0}


def test_deviation_after_a_crash_keeps_no_rest_of_it():
    values = np.concatenate([[1e9, 3e9], np.tile([1.0, 1.0 + 1e-7], 20)])

    batch, _ = both_ways(deviation(X, 10), values, n_known=0)

    np.testing.assert_allclose(batch[20:], 0.5e-7, rtol=1e-6)
