from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from candlecast.features.market import MARKET_WINDOW_CANDLES, MarketReturns
from candlecast.features.table import FEATURE_NAMES
from candlecast.forecasts.market import ForecastMarket
from candlecast.market.candles import Symbol
from candlecast.models.direction import ModelFacts
from candlecast.replay.synthetic import FIRST_OPEN
from candlecast.storage.postgres.newest_candles import NewestCandle
from tests.builders import make_candles

NAMES = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "AAPL")
BTC = Symbol.parse("BTC/USDT")


class FakeStore:
    """Candles in memory; counts what is read."""

    def __init__(self, panel):
        self.panel = dict(panel)
        self.n_reads = 0

    def newest(self, timeframe, until, *, symbols):
        known = {name: self.panel[name][self.panel[name]["close_time"] <= until] for name in symbols}
        return {
            name: NewestCandle(*candles[["open_time", "close_time"]].iloc[-1], "binance", "ok")
            for name, candles in known.items()
        }

    def read(self, symbol_id, timeframe, *, until, limit):
        self.n_reads += 1
        candles = self.panel[NAMES[symbol_id]]
        return candles[candles["close_time"] <= until].iloc[-limit:]


@lru_cache(maxsize=1)
def panel():
    return {name: make_candles(200, seed=seed, symbol=name) for seed, name in enumerate(NAMES)}


@pytest.fixture
def store():
    return FakeStore(panel())


@pytest.fixture
def market(store):
    return ForecastMarket(
        symbols={name: (Symbol.parse(name), place) for place, name in enumerate(NAMES)}, candles=store
    )


FACTS = ModelFacts(
    timeframe="1h",
    horizon=1,
    symbols=("AAPL", "BTC/USDT", "ETH/USDT", "GONE/USDT"),
    feature_names=FEATURE_NAMES,
    params={},
    seed=7,
    data_start=FIRST_OPEN,
    data_end=FIRST_OPEN,
)


def close_of(row):
    return panel()["BTC/USDT"]["close_time"].iloc[row].to_pydatetime()


def test_market_is_that_of_the_models_symbols_of_one_class_as_of_the_close(market):
    found = market.of(BTC, as_of=close_of(150), facts=FACTS)

    known = {name: panel()[name].iloc[151 - MARKET_WINDOW_CANDLES : 151] for name in ("BTC/USDT", "ETH/USDT")}
    expected = MarketReturns.of(known)
    np.testing.assert_array_equal(found.close_us, expected.close_us)
    pd.testing.assert_frame_equal(pd.DataFrame(found.columns), pd.DataFrame(expected.columns))


def test_market_is_read_again_only_when_a_candle_has_come(market, store):
    store.panel["ETH/USDT"] = panel()["ETH/USDT"].iloc[:150]
    early = market.of(BTC, as_of=close_of(150), facts=FACTS)
    again = market.of(BTC, as_of=close_of(150), facts=FACTS)
    n_early = store.n_reads
    store.panel["ETH/USDT"] = panel()["ETH/USDT"]

    late = market.of(BTC, as_of=close_of(150), facts=FACTS)

    assert again is early
    assert (n_early, store.n_reads) == (2, 4)
    assert np.isnan(early.columns["market_return_1"][-1])
    assert np.isfinite(late.columns["market_return_1"][-1])
