import numpy as np
import pytest

from candlecast.errors import InsufficientHistoryError
from candlecast.features.table import MIN_ROW_CANDLES, build_features
from candlecast.models.rows import collect_rows
from tests.trained import small_panel


def test_rows_of_a_panel_are_sorted_by_symbol_and_keep_their_features():
    panel = small_panel()

    rows, skipped = collect_rows(dict(reversed(panel.items())), timeframe="1h", horizon=1)

    assert rows.names == ("BTC/USDT", "ETH/USDT")
    assert skipped == {}
    expected = build_features(panel["ETH/USDT"]).iloc[MIN_ROW_CANDLES:].to_numpy(dtype=np.float32)
    np.testing.assert_array_equal(rows.features[rows.symbol == 1], expected)
    assert rows.closes[-1] == panel["ETH/USDT"]["close_time"].iloc[-1]


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
