from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from candlecast.features.market import (
    MARKET_FEATURE_NAMES,
    MARKET_WINDOW_CANDLES,
    MarketReturns,
    market_returns,
)
from candlecast.features.table import build_features
from candlecast.market.calendars import to_microseconds
from tests.builders import make_candles

NAMES = ("BTC/USDT", "ETH/USDT", "LTC/USDT")
MARKET = list(MARKET_FEATURE_NAMES)
ROWS = (150, 230, 399)


@lru_cache(maxsize=1)
def panel():
    return {name: make_candles(400, seed=seed, symbol=name) for seed, name in enumerate(NAMES)}


def build(candles_of, *, name="LTC/USDT"):
    return build_features(candles_of[name], market=MarketReturns.of(candles_of))[MARKET]


def cut(first, last):
    return {name: candles.iloc[first:last] for name, candles in panel().items()}


def closes(candles):
    return to_microseconds(pd.DatetimeIndex(candles["close_time"]))


def test_market_features_equal_written_means_of_the_symbols():
    tables = {name: build_features(candles) for name, candles in panel().items()}
    moved = np.array([table["scaled_return_6"].iloc[300] for table in tables.values()])
    newest = np.array([table["scaled_return_1"].iloc[300] for table in tables.values()])

    row = build(panel()).iloc[300]

    assert row["market_return_6"] == pytest.approx(moved.mean())
    assert row["gap_return_6"] == pytest.approx(moved[2] - moved.mean())
    assert row["market_spread_1"] == pytest.approx(newest.std())
    assert row["market_breadth_1"] == pytest.approx((newest > 0).mean())
    assert row["btc_return_6"] == pytest.approx(moved[0])
    stood = np.array([table["rsi_6"].iloc[300] for table in tables.values()])
    assert row["market_rsi_6"] == pytest.approx(stood.mean())
    assert row["gap_rsi_6"] == pytest.approx(stood[2] - stood.mean())
    assert row["btc_rsi_6"] == pytest.approx(stood[0])
    assert row["market_lag_2"] == build(panel())["market_return_1"].iloc[298]


def test_market_features_ignore_what_comes_later():
    full = build(panel())

    for row in ROWS:
        pd.testing.assert_series_equal(build(cut(0, row + 1)).iloc[-1], full.iloc[row], check_exact=True)


def test_market_features_ignore_other_symbols_later_candles():
    changed = {name: candles.copy() for name, candles in panel().items()}
    changed["BTC/USDT"].loc[301:, ["open", "high", "low", "close", "volume"]] *= 3.0

    pd.testing.assert_series_equal(build(changed).iloc[300], build(panel()).iloc[300], check_exact=True)
    assert not build(changed).iloc[301].equals(build(panel()).iloc[301])


def test_market_features_need_only_the_window():
    full = build(panel())

    for row in ROWS:
        market = MarketReturns.of(cut(row + 1 - MARKET_WINDOW_CANDLES, row + 1))
        again = build_features(panel()["LTC/USDT"], market=market)[MARKET].iloc[row]
        np.testing.assert_allclose(again, full.iloc[row], rtol=1e-6, atol=1e-6)


def test_features_without_a_market_are_missing_not_still():
    assert build_features(panel()["LTC/USDT"])[MARKET].isna().all(axis=None)


def test_market_of_one_symbol_alone_is_missing():
    alone = build({"LTC/USDT": panel()["LTC/USDT"]})

    assert alone.isna().all(axis=None)


def test_market_while_most_candles_of_a_close_are_to_come_is_missing():
    names = [f"C{i}/USDT" for i in range(6)]
    candles_of = {name: make_candles(100, seed=seed, symbol=name) for seed, name in enumerate(names)}

    def newest_with(n_come):
        come = {name: candles if place < n_come else candles.iloc[:-1]
                for place, (name, candles) in enumerate(candles_of.items())}  # fmt: skip
        return build(come, name="C0/USDT")["market_return_1"].iloc[-1]

    assert [np.isfinite(newest_with(n)) for n in (1, 2, 3, 6)] == [False, False, True, True]


def test_symbol_with_a_gap_is_left_out_of_the_mean():
    gap = panel() | {"ETH/USDT": panel()["ETH/USDT"].drop(index=300)}

    row = build(gap).iloc[300]

    tables = [build_features(panel()[name])["scaled_return_1"].iloc[300] for name in ("BTC/USDT", "LTC/USDT")]
    assert row["market_return_1"] == pytest.approx(np.mean(tables))
    assert np.isnan(row["eth_return_1"])


def test_leader_with_a_gap_stands_nowhere():
    gap = panel() | {"BTC/USDT": panel()["BTC/USDT"].drop(index=300)}

    row = build(gap).iloc[300]

    assert np.isnan([row["btc_rsi_6"], row["btc_stoch_k_14"]]).all()
    assert np.isfinite([row["market_rsi_6"], row["gap_rsi_6"]]).all()


def test_stocks_and_crypto_are_markets_of_their_own():
    mixed = panel() | {"AAPL": panel()["BTC/USDT"]}

    markets = market_returns(mixed)

    assert set(markets) == {"crypto", "stock"}
    crypto = MarketReturns.of(panel())
    np.testing.assert_array_equal(markets["crypto"].columns["market_return_1"], crypto.columns["market_return_1"])
    assert np.isnan(markets["stock"].columns["market_return_1"]).all()


def test_market_at_an_unknown_close_is_missing():
    market = MarketReturns.of(panel())
    later = closes(panel()["BTC/USDT"])[-1:] + 1

    assert all(np.isnan(values).all() for values in market.at(later).values())
    assert all(np.isnan(values).all() for values in MarketReturns.of({}).at(later).values())
