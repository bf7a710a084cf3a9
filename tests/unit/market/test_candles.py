"""Are names of symbols and timeframes read, and bad ones refused with the remedy?"""

import pytest

from candlecast.errors import InvalidRequestError
from candlecast.market.candles import CANDLE_COLUMNS, Symbol, empty_candles, timeframe_s


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("BTC/USDT", Symbol("BTC/USDT", "crypto", "binance", "24/7")),
        (" eth/usdt ", Symbol("ETH/USDT", "crypto", "binance", "24/7")),
        ("AAPL", Symbol("AAPL", "stock", "yahoo", "XNYS")),
        ("BRK-B", Symbol("BRK-B", "stock", "yahoo", "XNYS")),
    ],
)
def test_symbol_parse_of_a_name_knows_kind_venue_and_calendar(text, symbol):
    assert Symbol.parse(text) == symbol


@pytest.mark.parametrize(
    "text", ["", "   ", "BTC USDT", "'; DROP TABLE symbols; --", "A" * 41, "BTC\x00", "../../etc", "/USDT", "BTC/"]
)
def test_symbol_parse_of_anything_else_shows_how_to_write_one(text):
    with pytest.raises(InvalidRequestError, match="BTC/USDT"):
        Symbol.parse(text)


def test_timeframe_s_of_each_timeframe_is_its_length():
    lengths_s = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "4h": 14_400, "1d": 86_400}

    assert {name: timeframe_s(name) for name in lengths_s} == lengths_s


@pytest.mark.parametrize("name", ["", "1H", "60", "1w", "x" * 500])
def test_timeframe_s_of_an_unknown_one_lists_the_allowed(name):
    with pytest.raises(InvalidRequestError, match="1m, 5m, 15m, 1h, 4h, 1d") as refused:
        timeframe_s(name)

    assert len(str(refused.value)) < 150


def test_empty_candles_has_the_columns_of_every_candles_frame():
    frame = empty_candles()

    assert tuple(frame.columns) == CANDLE_COLUMNS
    assert len(frame) == 0
