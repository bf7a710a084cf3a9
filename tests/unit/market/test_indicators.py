import pytest

from candlecast.errors import InvalidRequestError
from candlecast.features.technical.columns import indicator_names, technical_indicators
from candlecast.market.indicators import GROUPS, columns_of
from tests.builders import make_candles


def test_groups_name_columns_that_there_are():
    assert {column for columns in GROUPS.values() for column in columns} <= set(indicator_names())


def test_columns_of_groups_and_names_come_once_in_their_order():
    assert columns_of(["trend_macd", "rsi", "macd"]) == [
        "trend_macd",
        "momentum_rsi",
        "trend_macd_signal",
        "trend_macd_diff",
    ]


@pytest.mark.parametrize(
    ("names", "says"), [(["rsj"], "did you mean rsi"), ([], "was empty"), (["x" * 999], "rsi, macd")]
)
def test_columns_of_an_unknown_name_tell_the_near_ones(names, says):
    with pytest.raises(InvalidRequestError, match=says) as raised:
        columns_of(names)

    assert len(str(raised.value)) < 300


def test_indicators_of_some_names_are_those_of_the_whole_table():
    candles, names = make_candles(120), ["trend_kst", "momentum_rsi"]

    assert technical_indicators(candles, names).equals(technical_indicators(candles)[names])
