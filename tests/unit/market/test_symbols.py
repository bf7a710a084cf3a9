"""Are names of symbols read, and bad ones refused with the remedy?"""

import pytest

from candlecast.errors import InvalidRequestError
from candlecast.market.symbols import Symbol


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
