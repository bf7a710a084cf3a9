import numpy as np
import pytest

from candlecast.evaluation.metrics import calibration_error
from candlecast.models.calibration import MIN_CERTAINTY, NEVER_CERTAIN, Calibration, abstain_threshold

RNG = np.random.default_rng(5)


def draws(n, *, slope, intercept=0.0):
    margin = RNG.normal(size=n)
    p_up = 1 / (1 + np.exp(-(slope * margin + intercept)))
    return margin, (RNG.random(n) < p_up).astype(float)


def test_calibration_of_overconfident_odds_finds_their_slope():
    margin, direction = draws(50_000, slope=0.4, intercept=0.2)

    found = Calibration.fit(margin, direction)

    assert found.slope == pytest.approx(0.4, abs=0.03)
    assert found.intercept == pytest.approx(0.2, abs=0.03)
    assert calibration_error(found.p_up(margin), direction) < 0.01


def test_calibration_of_no_row_changes_nothing_and_abstains():
    found = Calibration.fit(np.empty(0), np.empty(0))

    assert (found.slope, found.intercept, found.abstain_below) == (1.0, 0.0, NEVER_CERTAIN)


def test_calibration_of_few_rows_stays_near_the_prior():
    found = Calibration.fit(np.full(5, 0.1), np.ones(5))

    assert abs(found.slope - 1.0) < 0.1
    assert abs(found.intercept) < 0.1


def test_calibration_of_reversed_odds_drops_them():
    margin, direction = draws(5_000, slope=-1.0)

    assert Calibration.fit(margin, direction).slope == 0.0


def test_model_without_skill_abstains_always():
    p_up = 0.5 + 0.1 * RNG.normal(size=400)
    direction = (p_up < 0.5).astype(float)

    assert abstain_threshold(p_up, direction) == NEVER_CERTAIN


def test_model_with_skill_everywhere_abstains_only_at_the_coin():
    margin, direction = draws(20_000, slope=1.0)

    assert abstain_threshold(1 / (1 + np.exp(-margin)), direction) == MIN_CERTAINTY


def test_model_with_skill_when_certain_abstains_below_that():
    certainty = np.repeat([0.01, 0.1], 500)
    direction = np.concatenate([np.zeros(500), np.ones(500)])

    assert 0.01 < abstain_threshold(0.5 + certainty, direction) <= 0.1


def test_calibration_of_overlapping_outcomes_moves_less():
    margin, direction = draws(500, slope=1.0, intercept=1.0)

    alone, overlapping = (Calibration.fit(margin, direction, overlap=n) for n in (1, 24))

    assert 0 < overlapping.intercept < 0.5 * alone.intercept
    assert overlapping.abstain_below >= alone.abstain_below
