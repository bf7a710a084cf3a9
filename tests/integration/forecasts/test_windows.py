"""Are the newest candles in memory those that are stored, whatever was stored meanwhile?"""

from datetime import timedelta

import numpy as np
import pytest

from candlecast.forecasts.windows import KEPT_CANDLES, SeriesWindows
from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.series_reads import SeriesReads
from candlecast.storage.postgres.symbols import SymbolStore
from tests.storage_builders import START, make_rows

HOUR = timedelta(hours=1)
NAMES = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
N = 30


class Market:
    """Stored candles of three symbols, of which the last has none at first, and windows over them."""

    def __init__(self, database):
        self.store = CandleStore(database)
        self.numbers = SymbolStore(database).ensure([Symbol.parse(name) for name in NAMES])
        self.windows = SeriesWindows("1h", numbers=self.numbers, reads=SeriesReads(database), candles=self.store)
        for name in NAMES[:2]:
            self.put(name, make_rows(N))

    def put(self, name, rows, *, late=timedelta(0)):
        known_at = rows["close_time"] + late
        self.store.upsert(self.numbers[name], "1h", rows, source="binance", quality="rest", known_at=known_at)

    def update(self, n_hours):
        return self.windows.update(START + n_hours * HOUR)

    def epochs(self):
        return [self.windows.epoch(name) for name in NAMES]


@pytest.fixture
def market(database):
    return Market(database)


def next_rows(first: int, n: int = 1, **columns):
    return make_rows(first + n, **columns).iloc[first:]


def test_windows_hold_what_had_closed_by_then(market):
    held = market.update(N - 4)

    assert set(held) == set(NAMES[:2])
    assert len(held["BTC/USDT"]) == N - 4
    np.testing.assert_array_equal(held["ETH/USDT"].values[3], make_rows(N - 4)["close"])
    assert held["BTC/USDT"].source == "binance"


def test_windows_are_extended_by_what_came_without_reading_anew(market):
    market.update(N - 4)
    before = market.epochs()

    held = market.update(N)
    market.put("SOL/USDT", make_rows(2))
    later = market.update(N)

    assert len(held["BTC/USDT"]) == N
    assert market.epochs()[:2] == before[:2]
    np.testing.assert_array_equal(later["BTC/USDT"].known_us, later["BTC/USDT"].close_us)
    assert len(later["SOL/USDT"]) == 2


def test_window_of_a_revised_newest_candle_is_read_anew(market):
    market.update(N)
    market.put("BTC/USDT", next_rows(N - 1, close=777.0, high=999.0), late=HOUR)

    held = market.update(N + 1)

    assert held["BTC/USDT"].values[3, -1] == 777.0
    assert market.windows.epoch("BTC/USDT") == 2
    assert market.windows.epoch("ETH/USDT") == 1


@pytest.mark.parametrize("change", ["revised", "filled hole"])
def test_check_has_a_changed_symbol_read_anew_and_no_other(market, change):
    if change == "filled hole":
        market.put("SOL/USDT", make_rows(N).drop(index=7))
        market.update(N)
        market.put("SOL/USDT", next_rows(7), late=HOUR)
    else:
        market.put("SOL/USDT", make_rows(N))
        market.update(N)
        market.put("SOL/USDT", next_rows(7, close=777.0, high=999.0), late=HOUR)
    market.update(N)
    before = market.epochs()

    market.windows.check(NAMES)

    assert len(market.update(N)["SOL/USDT"]) == N
    assert market.epochs() == [before[0], before[1], before[2] + 1]


def test_symbol_that_lags_behind_is_extended_too(market):
    market.put("SOL/USDT", make_rows(N + 200))
    market.update(N + 200)
    market.put("BTC/USDT", next_rows(N, 3))

    assert len(market.update(N + 201)["BTC/USDT"]) == N + 3


def test_windows_keep_no_more_than_is_needed(market):
    market.put("SOL/USDT", make_rows(KEPT_CANDLES + 9))

    held = market.update(KEPT_CANDLES + 9)["SOL/USDT"]

    assert len(held) == KEPT_CANDLES
    assert market.windows.is_past("SOL/USDT", START + (KEPT_CANDLES + 8) * HOUR)
    assert not market.windows.is_past("SOL/USDT", START + (KEPT_CANDLES + 9) * HOUR)
