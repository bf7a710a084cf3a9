"""Are int8 figures near the ones they stand for?"""

import numpy as np
import pytest

from candlecast.sentiment.training.quantise import weight_scales


def test_weight_scales_keep_each_column_within_seven_bits():
    weights = np.array([[0.5, -100.0], [-0.25, 3.0]], dtype=np.float32)

    levels, scales = weight_scales(weights)

    assert np.abs(levels).max() == 63
    assert levels * scales == pytest.approx(weights, abs=float(scales.max()) / 2)


def test_weight_scales_of_a_column_of_zeros_are_finite():
    levels, scales = weight_scales(np.zeros((3, 2), dtype=np.float32))

    assert not levels.any()
    assert np.isfinite(scales).all()
