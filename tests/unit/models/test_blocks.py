import numpy as np
import pandas as pd

from candlecast.features.market import market_returns
from candlecast.models.blocks import join_rows, of_symbols, with_features
from candlecast.models.rows import collect_rows
from tests.trained import small_panel


def rows_of(panel):
    market = market_returns(small_panel())
    return collect_rows(panel, timeframe="1h", horizon=1, market=market)[0]


def test_rows_built_one_by_one_join_to_those_built_at_once():
    whole, _ = collect_rows(small_panel(), timeframe="1h", horizon=1)

    joined = join_rows([rows_of({name: small_panel()[name]}) for name in ("ETH/USDT", "BTC/USDT")])

    np.testing.assert_array_equal(joined.features, whole.features)
    np.testing.assert_array_equal(joined.symbol, whole.symbol)
    pd.testing.assert_frame_equal(joined.targets, whole.targets)
    pd.testing.assert_index_equal(joined.closes, whole.closes)
    assert (joined.names, joined.feature_names) == (whole.names, whole.feature_names)
    assert joined.features.dtype == np.float32


def test_rows_of_some_symbols_are_found_by_name():
    rows = rows_of(small_panel())

    found = of_symbols(rows, np.array([0, 5, 2_000, 3_000]), ["ETH/USDT"])

    np.testing.assert_array_equal(found, [2_000, 3_000])


def test_rows_with_fewer_features_keep_the_named_columns():
    rows = rows_of(small_panel())

    found = with_features(rows, ["rsi_14", "return_1"])

    assert found.feature_names == ("rsi_14", "return_1")
    np.testing.assert_array_equal(found.features[:, 1], rows.features[:, rows.feature_names.index("return_1")])
    assert with_features(rows, rows.feature_names) is rows
