import math

import numpy as np
import pandas as pd
import pytest

from candlecast.features.technical.plan import Plan
from candlecast.features.technical.recursions import (
    adaptive_mean,
    bridged_mean,
    exponential_mean,
    first,
    recursion,
    running_total,
    wilder_mean,
)
from candlecast.features.technical.series import source

X, SPEED = source("x"), source("speed")
VALUES = np.random.default_rng(6).normal(size=40)
HOLED = np.where(np.arange(40) % 9 == 0, np.nan, VALUES)


def both_ways(series, *, n_known=0, **values):
    plan = Plan.of({"found": series})
    follower = plan.follow({name: column[:n_known] for name, column in values.items()})
    rows = zip(*(column[n_known:].tolist() for column in values.values()), strict=True)
    stepped = [follower.push(dict(zip(values, row, strict=True)))["found"] for row in rows]
    return plan.batch(values)["found"], stepped


@pytest.mark.parametrize("n_known", [0, 3, 25])
def test_exponential_mean_in_both_ways_equals_pandas_to_the_last_bit(n_known):
    expected = pd.Series(VALUES).ewm(span=8, adjust=False, min_periods=8).mean()

    batch, stepped = both_ways(exponential_mean(X, 8), x=VALUES, n_known=n_known)

    np.testing.assert_array_equal(batch, expected)
    np.testing.assert_array_equal(stepped, batch[n_known:])


def test_wilder_mean_weighs_the_newest_by_one_nth():
    batch, stepped = both_ways(wilder_mean(X, 4), x=np.array([8.0, 8.0, 8.0, 8.0, 4.0]))

    np.testing.assert_allclose(batch, [math.nan] * 3 + [8.0, 7.0])
    np.testing.assert_allclose(stepped, batch)


@pytest.mark.parametrize("n_known", [0, 1, 20])
def test_exponential_mean_of_unknown_values_waits_for_the_next(n_known):
    known = HOLED[~np.isnan(HOLED)]

    batch, stepped = both_ways(exponential_mean(X, 5), x=HOLED, n_known=n_known)

    assert np.isnan(batch[np.isnan(HOLED)]).all()
    np.testing.assert_array_equal(batch[~np.isnan(HOLED)], both_ways(exponential_mean(X, 5), x=known)[0])
    np.testing.assert_array_equal(stepped, batch[n_known:])


@pytest.mark.parametrize("n_known", [0, 1, 2, 28, 29])
def test_bridged_mean_of_unknown_values_goes_on_and_fades_as_in_pandas(n_known):
    values = np.where(np.isin(np.arange(40), [0, 1, 26, 27, 28]), np.nan, VALUES)
    expected = pd.Series(values).ewm(span=5, adjust=False, min_periods=5).mean()

    batch, stepped = both_ways(bridged_mean(X, 5), x=values, n_known=n_known)

    np.testing.assert_array_equal(batch, expected)
    np.testing.assert_allclose(stepped, expected[n_known:], rtol=1e-14)


@pytest.mark.parametrize("n_known", [0, 2])
def test_running_total_adds_what_is_known(n_known):
    batch, stepped = both_ways(running_total(X), x=np.array([1.0, math.nan, 2.0, 4.0]), n_known=n_known)

    np.testing.assert_array_equal(batch, [1.0, math.nan, 3.0, 7.0])
    np.testing.assert_array_equal(stepped, batch[n_known:])


@pytest.mark.parametrize("n_known", [0, 2])
def test_first_is_the_oldest_value(n_known):
    batch, stepped = both_ways(first(X), x=VALUES, n_known=n_known)

    assert set(batch) == set(stepped) == {VALUES[0]}


@pytest.mark.parametrize("n_known", [0, 3])
def test_adaptive_mean_starts_before_its_first_speed_and_follows_at_it(n_known):
    values, speed = np.array([9.0, 8.0, 10.0, 12.0, 20.0]), np.array([math.nan, math.nan, 0.5, 0.0, 1.0])

    batch, stepped = both_ways(adaptive_mean(X, SPEED), x=values, speed=speed, n_known=n_known)

    np.testing.assert_array_equal(batch, [math.nan, math.nan, 9.0, 9.0, 20.0])
    np.testing.assert_array_equal(stepped, batch[n_known:])


def test_recursion_keeps_a_state_for_each_run():
    def start():
        seen = []

        def advance(value):
            seen.append(value)
            return float(len(seen))

        return advance

    series = recursion("count", (X,), start)

    assert both_ways(series, x=VALUES)[0][-1] == both_ways(series, x=VALUES)[0][-1] == 40.0
