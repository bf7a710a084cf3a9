import numpy as np
import pandas as pd
import pytest

from candlecast.errors import InsufficientHistoryError, InvalidRequestError
from candlecast.models.inputs import prepare_rows
from tests.builders import make_candles
from tests.trained import small_panel

CANDLES = make_candles(600, seed=3)


def prepare(panel, **changes):
    return prepare_rows(panel, **({"timeframe": "1h", "horizon": 1} | changes))


def constant(candles: pd.DataFrame) -> pd.DataFrame:
    return candles.assign(open=5.0, high=5.0, low=5.0, close=5.0)


def test_rows_of_good_candles_leave_nothing_out():
    rows, skipped = prepare({"BTC/USDT": CANDLES})

    assert rows.names == ("BTC/USDT",)
    assert skipped == {}


def test_candles_that_are_there_twice_are_refused():
    twice = pd.concat([CANDLES.iloc[:300], CANDLES.iloc[298:]], ignore_index=True)

    with pytest.raises(InvalidRequestError, match=r"BTC/USDT: the candle of .* is there after a later one, as are 1"):
        prepare({"BTC/USDT": twice})
    with pytest.raises(InvalidRequestError, match=r"is there twice, as are 2 in all"):
        prepare({"BTC/USDT": twice.sort_values("open_time", kind="stable")})


def test_constant_price_alone_is_refused():
    with pytest.raises(InvalidRequestError, match="all 600 closes of BTC/USDT are 5: there is nothing to learn"):
        prepare({"BTC/USDT": constant(CANDLES)})


def test_constant_price_beside_others_is_left_out():
    rows, skipped = prepare({"BTC/USDT": CANDLES, "ETH/USDT": constant(CANDLES)})

    assert rows.names == ("BTC/USDT",)
    assert skipped == {"ETH/USDT": "all 600 closes of ETH/USDT are 5"}


def test_feature_without_a_value_is_refused_by_name():
    with pytest.raises(InvalidRequestError, match=r"no value of volume_surprise_24, .* rows of BTC/USDT: check"):
        prepare({"BTC/USDT": CANDLES.assign(volume=np.nan)})


def test_candles_of_a_day_need_no_hour():
    rows, _ = prepare({"BTC/USDT": make_candles(600, timeframe="1d")}, timeframe="1d")

    assert np.isnan(rows.features[:, rows.feature_names.index("hour_sin")]).all()


def test_too_few_candles_are_refused_by_count():
    with pytest.raises(InsufficientHistoryError, match="BTC/USDT has 100 candles of 1h, training needs"):
        prepare({"BTC/USDT": small_panel()["BTC/USDT"].iloc[:100]})
