import math

import numpy as np
import pytest

from candlecast.forecasts.bands import bands_of
from candlecast.models.intervals import LEVELS, Reach
from candlecast.models.spans import KNOTS

REACH = Reach(KNOTS, 1.0)


def test_band_of_one_volatility_goes_as_far_to_both_sides():
    [band] = bands_of(np.array([[0.02]]), [REACH])

    assert band.below == band.above == [0.02 * knot for knot in KNOTS]
    assert band.move == 0.02


def test_band_of_learned_quantiles_goes_to_each_end():
    sides = [[0.01, 0.03, 0.04, 0.08], [0.01, 0.02, 0.03, 0.04]]

    [band] = bands_of(np.array(sides).reshape(1, -1), [REACH])

    np.testing.assert_allclose([band.below, band.above], sides)
    assert 0.01 < band.move < 0.025


def test_band_says_intervals_of_the_close_in_the_order_of_the_levels():
    [band] = bands_of(np.array([[0.02]]), [REACH])

    found = band.intervals(100.0)

    assert [one.level for one in found] == list(LEVELS)
    assert found[0].low == pytest.approx(100.0 * math.exp(-0.02 * KNOTS[0]))
    assert found[3].high == pytest.approx(100.0 * math.exp(0.02 * KNOTS[3]))
