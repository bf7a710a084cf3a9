import numpy as np
import pandas as pd
import pytest
import ta.momentum
import ta.trend
import ta.volatility
import ta.volume

from candlecast.features.indicators import Prices, channels, oscillators, rolling_mean, shapes, trends, volumes
from tests.builders import make_candles

CANDLES = make_candles(700, seed=11)
SETTLED = 400
SHARED = (
    "rsi_6",
    "rsi_14",
    "stoch_k_14",
    "stoch_d_14",
    "willr_28",
    "cci_20",
    "ultosc",
    "ppo_12_26",
    "macd_hist",
    "trix_15",
    "natr_14",
    "bb_percent_20",
    "bb_width_20",
    "ema_gap_21",
    "mfi_14",
    "cmf_20",
)


def columns():
    prices = Prices.of(CANDLES)
    return oscillators(prices) | trends(prices) | channels(prices) | volumes(prices)


def reference(name):
    high, low, close, volume = (CANDLES[column] for column in ("high", "low", "close", "volume"))
    bands = ta.volatility.BollingerBands(close, window=20, window_dev=2)
    return {
        "rsi_6": lambda: ta.momentum.RSIIndicator(close, window=6).rsi(),
        "rsi_14": lambda: ta.momentum.RSIIndicator(close, window=14).rsi(),
        "stoch_k_14": lambda: ta.momentum.StochasticOscillator(high, low, close, 14, 3).stoch(),
        "stoch_d_14": lambda: ta.momentum.StochasticOscillator(high, low, close, 14, 3).stoch_signal(),
        "willr_28": lambda: ta.momentum.WilliamsRIndicator(high, low, close, lbp=28).williams_r(),
        "cci_20": lambda: ta.trend.CCIIndicator(high, low, close, window=20).cci(),
        "ultosc": lambda: ta.momentum.UltimateOscillator(high, low, close).ultimate_oscillator(),
        "ppo_12_26": lambda: ta.momentum.PercentagePriceOscillator(close).ppo(),
        "macd_hist": lambda: ta.trend.MACD(close).macd_diff() / close,
        "trix_15": lambda: ta.trend.TRIXIndicator(close, window=15).trix(),
        "natr_14": lambda: 100 * ta.volatility.AverageTrueRange(high, low, close, 14).average_true_range() / close,
        "bb_percent_20": bands.bollinger_pband,
        "bb_width_20": lambda: bands.bollinger_wband() / 100,
        "ema_gap_21": lambda: close / ta.trend.EMAIndicator(close, window=21).ema_indicator() - 1,
        "mfi_14": lambda: ta.volume.MFIIndicator(high, low, close, volume).money_flow_index(),
        "cmf_20": lambda: ta.volume.ChaikinMoneyFlowIndicator(high, low, close, volume).chaikin_money_flow(),
    }[name]()


@pytest.mark.parametrize(
    "name",
    SHARED,
)
def test_indicator_after_warm_up_equals_ta(name):
    ours = columns()[name][SETTLED:]

    theirs = reference(name).to_numpy()[SETTLED:]

    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-8)


def test_indicators_of_tiny_prices_equal_those_of_large_ones():
    tiny = CANDLES.copy()
    tiny[["open", "high", "low", "close"]] *= 2.0**-40
    small, large = Prices.of(tiny), Prices.of(CANDLES)

    for build in (oscillators, trends, channels, shapes, volumes):
        for name, values in build(large).items():
            np.testing.assert_array_equal(build(small)[name], values, err_msg=name)


def test_volume_terms_with_unknown_volume_recover_after_their_window():
    holed = CANDLES.copy()
    holed.loc[300, "volume"] = np.nan

    found = volumes(Prices.of(holed))

    assert np.isnan(found["mfi_14"][300])
    np.testing.assert_allclose(found["mfi_14"][320:], columns()["mfi_14"][320:])
    np.testing.assert_allclose(found["cmf_20"][330:], columns()["cmf_20"][330:])


def test_shapes_of_a_flat_candle_are_zero():
    flat = pd.DataFrame({name: [5.0] for name in ("open", "high", "low", "close", "volume")})

    found = shapes(Prices.of(flat))

    assert {name: values.tolist() for name, values in found.items()} == {
        "bop": [0.0],
        "upper_wick": [0.0],
        "lower_wick": [0.0],
    }


def test_rolling_mean_equals_slow_oracle():
    values = np.random.default_rng(3).normal(size=50)

    slow = [np.nan] * 6 + [values[i - 6 : i + 1].mean() for i in range(6, 50)]

    np.testing.assert_allclose(rolling_mean(values, n=7), slow)
