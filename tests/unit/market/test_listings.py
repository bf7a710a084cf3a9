import pytest

from candlecast.market.listings import LONGEST_SOURCE, Listing, find_listing, find_yahoo_listing, read_pair, source_name
from candlecast.market.symbols import Symbol

BTC = Symbol.parse("BTC/USDT")


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        (["BTC/USDT", "BTC/USD", "BTC/USDC"], Listing("BTC/USDT", "")),
        (["BTC/USD", "BTC/USDC"], Listing("BTC/USDC", "USDC")),
        (["BTC/USD", "ETH/USDT"], Listing("BTC/USD", "USD")),
        (["BTC/EUR", "ETH/USDT"], None),
    ],
)
def test_find_listing_takes_own_quote_then_near_ones_in_order(listed, found):
    assert find_listing(BTC, listed) == found


def test_find_listing_when_exact_takes_no_near_quote():
    assert find_listing(BTC, ["BTC/USD"], exact=True) is None
    assert find_listing(BTC, ["BTC/USDT"], exact=True) == Listing("BTC/USDT", "")


def test_find_listing_of_a_far_quote_takes_no_dollar():
    assert find_listing(Symbol.parse("BTC/EUR"), ["BTC/USD", "BTC/USDT"]) is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("AAPL", Listing("AAPL", "")),
        ("BTC/USDT", Listing("BTC-USD", "USD")),
        ("BTC/USD", Listing("BTC-USD", "")),
        ("ETH/EUR", Listing("ETH-EUR", "")),
        ("UNI/USDC", Listing("UNI7083-USD", "USD")),
    ],
)
def test_yahoo_listing_of_a_coin_is_its_price_in_dollars(name, found):
    assert find_yahoo_listing(Symbol.parse(name)) == found


@pytest.mark.parametrize("text", ["BTCUSDT", "BTC-USDT", "btc_usdt", "BTC/USDT"])
def test_read_pair_in_any_spelling_gives_the_pair(text):
    assert read_pair(text) == "BTC/USDT"


@pytest.mark.parametrize("text", ["AAPL", "USDT", "", "BTCEUR"])
def test_read_pair_of_something_else_gives_none(text):
    assert read_pair(text) is None


def test_source_name_states_a_quote_that_stands_in():
    assert source_name("kraken", "") == "kraken"
    assert source_name("kraken", "USD") == "kraken:USD"


def test_source_name_of_a_long_venue_keeps_the_quote():
    name = source_name("coinbaseinternational", "USDC")

    assert name == "coinbaseinternation:USDC"
    assert len(name) == LONGEST_SOURCE
