"""Are int8 figures near the ones they stand for?"""

import numpy as np
import pytest

from candlecast.sentiment.training.quantise import activation_scale, weight_scales


def test_activation_scale_covers_its_range_and_zero_exactly():
    scale, zero = activation_scale(-0.5, 2.0)

    levels = np.clip(np.round(np.array([-0.5, 0.0, 2.0]) / scale) + zero, 0, 255)
    assert (levels - zero) * scale == pytest.approx([-0.5, 0.0, 2.0], abs=float(scale))
    assert (levels[1] - zero) == 0


def test_activation_scale_of_positive_figures_begins_at_zero():
    assert activation_scale(1.0, 2.55) == (np.float32(0.01), np.uint8(0))


def test_weight_scales_keep_each_column_within_seven_bits():
    weights = np.array([[0.5, -100.0], [-0.25, 3.0]], dtype=np.float32)

    levels, scales = weight_scales(weights)

    assert np.abs(levels).max() == 63
    assert levels * scales == pytest.approx(weights, abs=float(scales.max()) / 2)


def test_weight_scales_of_a_column_of_zeros_are_finite():
    levels, scales = weight_scales(np.zeros((3, 2), dtype=np.float32))

    assert not levels.any()
    assert np.isfinite(scales).all()
