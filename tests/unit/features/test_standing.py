"""Does each close stand where the symbol's own columns say, also when many symbols are looked at together?"""

import numpy as np

from candlecast.features.indicators import Prices, channels, oscillators
from candlecast.features.standing import STANDING, standing
from candlecast.market.candles import PRICE_COLUMNS
from tests.builders import make_candles

PANEL = [make_candles(200, seed=seed) for seed in range(3)]
# one that stands still for a while, where a band has no width
PANEL[2].loc[120:170, ["open", "high", "low", "close"]] = 5.0


def test_standing_equals_the_columns_of_the_symbol():
    for candles in PANEL:
        prices = Prices.of(candles)
        own = oscillators(prices) | channels(prices)

        found = standing(prices)

        assert tuple(found) == STANDING
        for name, values in found.items():
            np.testing.assert_array_equal(values, own[name], err_msg=name)


def test_standing_of_many_symbols_is_that_of_each_bit_for_bit():
    values = np.stack([[candles[name].to_numpy(dtype=float) for name in PRICE_COLUMNS] for candles in PANEL], axis=1)

    together = standing(Prices.stacked(values))

    for place, candles in enumerate(PANEL):
        for name, alone in standing(Prices.of(candles)).items():
            np.testing.assert_array_equal(together[name][place], alone, err_msg=name)


def test_band_of_a_price_that_stands_still_is_unknown():
    assert np.isnan(standing(Prices.of(PANEL[2]))["bb_percent_20"][145])
