import numpy as np
import pytest

from candlecast.features.market import MARKET_WINDOW_CANDLES, MarketReturns
from candlecast.forecasts.market import market_at
from candlecast.market.series import arrays_of, microseconds_of
from tests.builders import make_candles

NAMES = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
PANEL = {name: make_candles(200, seed=seed, symbol=name) for seed, name in enumerate(NAMES)}


def close_us(row: int) -> int:
    return microseconds_of(PANEL["BTC/USDT"]["close_time"].iloc[row].to_pydatetime())


def windows(**shorter: int):
    return {name: arrays_of(frame.iloc[: len(frame) - shorter.get(name[:3], 0)]) for name, frame in PANEL.items()}


@pytest.mark.parametrize("row", [-1, 150, 60])
def test_market_at_a_close_is_that_of_the_last_candles_bit_for_bit(row):
    known = {
        name: frame[frame["close_time"] <= PANEL["BTC/USDT"]["close_time"].iloc[row]] for name, frame in PANEL.items()
    }
    reference = MarketReturns.of({name: frame.iloc[-MARKET_WINDOW_CANDLES:] for name, frame in known.items()})

    found = market_at(close_us(row), windows(), names=NAMES)

    np.testing.assert_array_equal(found.close_us, reference.close_us)
    for name, values in reference.columns.items():
        np.testing.assert_array_equal(found.columns[name], values, err_msg=name)


def test_market_without_a_late_symbol_is_that_of_the_others():
    at = np.array([close_us(-1)])

    early = market_at(close_us(-1), windows(SOL=1), names=NAMES).at(at)
    pair = market_at(close_us(-1), windows(), names=NAMES[:2]).at(at)

    assert early["market_return_1"][0] == pair["market_return_1"][0]


def test_market_of_symbols_that_are_not_followed_is_unknown():
    found = market_at(close_us(-1), windows(), names=["GONE/USDT"])

    assert np.isnan(found.at(np.array([close_us(-1)]))["market_return_1"]).all()
