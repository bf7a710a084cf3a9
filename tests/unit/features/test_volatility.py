import math

import numpy as np
import pandas as pd

from candlecast.features.indicators import Prices
from candlecast.features.volatility import VARIANCE_FLOOR, har_terms, range_variance, typical_terms


def prices_of(rows):
    return Prices.of(pd.DataFrame(rows, columns=["open", "high", "low", "close"]).assign(volume=1.0))


def test_range_variance_of_two_candles_equals_written_formula():
    prices = prices_of([[100.0, 110.0, 95.0, 105.0], [106.0, 108.0, 101.0, 102.0]])

    found = range_variance(prices)

    weight = 2 * math.log(2) - 1
    first = 0.5 * math.log(110 / 95) ** 2 - weight * math.log(105 / 100) ** 2
    second = math.log(106 / 105) ** 2 + 0.5 * math.log(108 / 101) ** 2 - weight * math.log(102 / 106) ** 2
    np.testing.assert_allclose(found, [first, second])


def test_range_variance_of_a_still_market_is_the_floor():
    prices = prices_of([[3.0, 3.0, 3.0, 3.0]] * 4)

    assert range_variance(prices).tolist() == [VARIANCE_FLOOR] * 4


def test_har_terms_of_constant_variance_are_its_log_deviation():
    terms = har_terms(np.full(200, 4e-4))

    assert math.isclose(terms["gk_vol_168"][-1], math.log(0.02))
    assert np.isnan(terms["gk_vol_168"][166])
    assert not np.isnan(terms["gk_vol_168"][167])


def test_typical_terms_are_means_of_the_log_volatility():
    variance = np.exp(np.random.default_rng(1).normal(size=200))

    terms = typical_terms(variance)

    assert math.isclose(terms["typical_vol_4"][-1], 0.5 * np.log(variance[-4:]).mean())
    assert np.isnan(terms["typical_vol_168"][166])
    assert not np.isnan(terms["typical_vol_168"][167])


def test_wild_candle_moves_typical_terms_less_than_har_terms():
    wild = np.append(np.full(23, 1e-4), 1e-2)

    assert typical_terms(wild)["typical_vol_24"][-1] < har_terms(wild)["gk_vol_24"][-1]
