"""Is what ccxt would compute for ever refused at once? Without the bounds these tests do not end."""

import pytest
from ccxt.base.precise import Precise

from candlecast.market.venues.ccxt_client import Access, open_client
from candlecast.market.venues.dialects.binance import BINANCE

CLIENT = open_client("binance", BINANCE, Access("http://127.0.0.1:5"))


@pytest.mark.parametrize("precision", ["9223372036854775807", "-9223372036854775807"])
def test_precision_of_endless_digits_is_refused(precision):
    with pytest.raises(ValueError, match="more than 10000 digits"):
        CLIENT.parse_precision(precision)


@pytest.mark.parametrize(("precision", "told"), [(None, None), ("0", "1"), ("8", "0.00000001"), ("-2", "100")])
def test_precision_that_markets_have_is_read_as_ever(precision, told):
    assert CLIENT.parse_precision(precision) == told


@pytest.mark.parametrize("compute", [Precise.string_add, Precise.string_sub, Precise.string_div, Precise.string_gt])
def test_numbers_that_are_endlessly_far_apart_are_refused(compute):
    with pytest.raises(ValueError, match="more than 10000 digits"):
        compute("1e9999999999", "1.5")


def test_numbers_far_apart_but_not_endlessly_are_computed_as_ever():
    assert Precise.string_add("1e200", "1") == "1" + "0" * 199 + "1"
