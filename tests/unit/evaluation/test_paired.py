import numpy as np
import pandas as pd
import pytest

from candlecast.evaluation.paired import log_losses, paired_test

N_DAYS = 200
TIMES = pd.date_range("2022-01-01", periods=24 * N_DAYS, freq="h", tz="UTC")


def losses(seed):
    return np.random.default_rng(seed).normal(0.69, 0.1, len(TIMES))


def test_paired_test_of_a_better_challenger_is_sure():
    champion = losses(1)

    found = paired_test(champion - 0.01 + 0.1 * losses(2) - 0.069, champion, TIMES)

    assert found.gain == pytest.approx(0.01, abs=0.001)
    assert found.p_value < 0.001
    assert (found.n_days, found.n) == (N_DAYS, len(TIMES))


def test_paired_test_of_a_worse_challenger_is_one_sided():
    champion = losses(1)

    assert paired_test(champion + 0.01 + 0.1 * losses(2) - 0.069, champion, TIMES).p_value > 0.999


def test_paired_test_of_equals_fires_as_often_as_it_says():
    rng = np.random.default_rng(5)
    # what one day brings, it brings to all of its hours and to half of the next day
    days = rng.normal(size=(2_000, N_DAYS + 1))
    blocks = days[:, 1:] + 0.5 * days[:, :-1]
    times = TIMES[::24]

    share = np.mean([paired_test(-row, np.zeros(N_DAYS), times).p_value < 0.05 for row in blocks])

    assert 0.03 < share < 0.085


def test_paired_test_counts_days_not_rows():
    day = np.random.default_rng(6).normal(0.001, 0.01, N_DAYS)
    hourly = np.repeat(day, 24)

    once = paired_test(-day, np.zeros(N_DAYS), TIMES[::24])
    often = paired_test(-hourly, np.zeros(len(TIMES)), TIMES)

    assert often.p_value == pytest.approx(once.p_value)


@pytest.mark.parametrize("n", [0, 1, 24 * 29])
def test_paired_test_of_too_few_days_decides_nothing(n):
    assert np.isnan(paired_test(losses(1)[:n], losses(2)[:n], TIMES[:n]).p_value)


def test_paired_test_of_the_same_forecasts_decides_nothing():
    assert np.isnan(paired_test(losses(1), losses(1), TIMES).p_value)


def test_log_losses_are_of_what_happened():
    found = log_losses(np.array([0.8, 0.8, 1.0]), np.array([1.0, 0.0, 0.0]))

    np.testing.assert_allclose(found, [-np.log(0.8), -np.log(0.2), -np.log(1e-6)])
