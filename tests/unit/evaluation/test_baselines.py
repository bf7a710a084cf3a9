import math

import numpy as np

from candlecast.evaluation.baselines import (
    EWMA_DECAY,
    HarRegression,
    ewma,
    gaussian_half_width,
    histvol,
    last_direction,
    majority,
)

RNG = np.random.default_rng(1)


def test_majority_says_the_training_share():
    assert majority(np.array([1.0, 1.0, 0.0, 1.0]), n_test=2).tolist() == [0.75, 0.75]


def test_last_direction_says_the_share_after_the_same_sign():
    returns, ups = np.array([0.1, 0.2, -0.1, -0.2]), np.array([1.0, 0.0, 1.0, 1.0])

    found = last_direction(returns, ups, test_return=np.array([0.3, -0.3]))

    assert found.tolist() == [0.5, 1.0]


def test_histvol_equals_slow_oracle():
    returns = RNG.normal(size=40)

    found = histvol(returns, horizon=4)

    assert math.isclose(found[30], 2 * returns[7:31].std())
    assert np.isnan(found[22])


def test_ewma_equals_slow_oracle():
    returns = RNG.normal(size=60)

    found = ewma(returns, horizon=4)

    weights = EWMA_DECAY ** np.arange(60)[::-1]
    assert math.isclose(found[-1], 2 * math.sqrt(weights @ returns**2 / weights.sum()))
    assert np.isnan(found[22])


def test_har_recovers_a_linear_law():
    terms = RNG.normal(size=(500, 4))

    found = HarRegression.fit(terms, 0.5 + terms @ [0.1, 0.2, 0.3, 0.4])

    np.testing.assert_allclose([found.intercept, *found.coefficients], [0.5, 0.1, 0.2, 0.3, 0.4], atol=1e-4)


def test_gaussian_half_width_at_95_percent_is_1_96():
    assert gaussian_half_width(np.array([1.0]), level=0.95)[0].round(3) == 1.960
