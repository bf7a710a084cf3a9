import numpy as np
import pytest

from candlecast.errors import InsufficientHistoryError
from candlecast.features.market import MARKET_FEATURE_NAMES, market_returns
from candlecast.features.table import MIN_ROW_CANDLES, build_features
from candlecast.models.rows import collect_rows
from tests.trained import small_panel


def test_rows_of_a_panel_are_sorted_by_symbol_and_keep_their_features():
    panel = small_panel()

    rows, skipped = collect_rows(dict(reversed(panel.items())), timeframe="1h", horizon=1)

    assert rows.names == ("BTC/USDT", "ETH/USDT")
    assert skipped == {}
    market = market_returns(panel)
    table = build_features(panel["ETH/USDT"], market=market["crypto"])
    expected = table.iloc[MIN_ROW_CANDLES:].to_numpy(dtype=np.float32)
    np.testing.assert_array_equal(rows.features[rows.symbol == 1], expected)
    assert rows.closes[-1] == panel["ETH/USDT"]["close_time"].iloc[-1]


def test_rows_of_one_symbol_with_the_panels_market_equal_those_of_the_panel():
    panel = small_panel()
    rows, _ = collect_rows(panel, timeframe="1h", horizon=1)

    alone, _ = collect_rows({"ETH/USDT": panel["ETH/USDT"]}, timeframe="1h", horizon=1, market=market_returns(panel))

    np.testing.assert_array_equal(alone.features, rows.features[rows.symbol == 1])


def test_lessons_hide_the_market_of_a_tenth_of_the_rows_and_nothing_else():
    rows, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)
    taken = np.arange(100, 1_600)
    market = np.isin(rows.feature_names, MARKET_FEATURE_NAMES)

    lessons = rows.lessons(taken, seed=3)

    hidden = np.isnan(lessons[:, market]).all(axis=1)
    assert 0.06 < hidden.mean() < 0.14
    np.testing.assert_array_equal(lessons[:, ~market], rows.features[taken][:, ~market])
    np.testing.assert_array_equal(lessons[~hidden], rows.features[taken][~hidden])
    np.testing.assert_array_equal(lessons, rows.lessons(taken, seed=3))


def test_rows_of_a_short_symbol_are_left_out_and_named():
    panel = small_panel() | {"SOL/USDT": small_panel()["BTC/USDT"].iloc[:500]}

    rows, skipped = collect_rows(panel, timeframe="1h", horizon=1)

    assert rows.names == ("BTC/USDT", "ETH/USDT")
    assert skipped == {"SOL/USDT": "SOL/USDT has 500 candles of 1h, training needs 569"}


def test_panel_of_short_symbols_only_is_refused():
    panel = {"BTC/USDT": small_panel()["BTC/USDT"].iloc[:568]}

    with pytest.raises(InsufficientHistoryError, match="BTC/USDT has 568 candles of 1h, training needs 569: backfill"):
        collect_rows(panel, timeframe="1h", horizon=1)


def test_empty_panel_is_refused():
    with pytest.raises(InsufficientHistoryError, match="no symbol was given"):
        collect_rows({}, timeframe="1h", horizon=1)
