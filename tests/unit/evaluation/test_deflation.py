"""Is the best of many lucky draws told from a true gain?"""

import numpy as np
import pytest

from candlecast.evaluation.deflation import block_mean, deflate, expected_maximum


@pytest.mark.parametrize(("n", "known"), [(5, 1.163), (10, 1.539), (100, 2.508)])
def test_expected_maximum_is_near_the_known_one(n, known):
    # Harter 1961, table 1
    assert expected_maximum(n) == pytest.approx(known, rel=0.03)


@pytest.mark.parametrize("n", [0, 1])
def test_expected_maximum_of_one_draw_is_zero(n):
    assert expected_maximum(n) == 0.0


def test_block_mean_of_rows_that_repeat_a_day_counts_the_day_once():
    daily = np.random.default_rng(1).normal(size=200)
    days = np.arange(200)

    one = block_mean(daily, days=days)
    repeated = block_mean(np.repeat(daily, 24), days=np.repeat(days, 24))

    assert repeated == pytest.approx(one)
    assert one[1] == pytest.approx(daily.std(ddof=1) / np.sqrt(200))


def test_best_of_many_trials_without_merit_is_not_told_from_luck():
    generator, days = np.random.default_rng(2), np.arange(2_000) // 24
    trials = generator.normal(size=(50, 2_000))
    best = trials[trials.mean(axis=1).argmax()]

    assert deflate(best, days=days, n_trials=1).probability > 0.95
    assert deflate(best, days=days, n_trials=50).probability < 0.9


def test_true_gain_survives_its_trials():
    gains = np.random.default_rng(3).normal(0.2, 1.0, size=2_000)

    left = deflate(gains, days=np.arange(2_000) // 24, n_trials=50)

    assert left.deflated_gain == pytest.approx(left.gain - left.luck)
    assert left.probability > 0.99


def test_winner_that_equals_the_defaults_has_no_gain():
    left = deflate(np.zeros(48), days=np.arange(48) // 24, n_trials=8)

    assert (left.deflated_gain, left.probability) == (0.0, 0.0)
