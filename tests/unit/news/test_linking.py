"""Does a text find the symbols that it names, and words find none?"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.market.symbols import Symbol
from candlecast.news.linking import SymbolLinker

FOLLOWED = (
    *("BTC/USDT", "BTC/USD", "ETH/USDT", "SOL/USDT", "LINK/USDT", "NEAR/USDT", "ONE/USDT", "AVAX/USDT", "XRP/USDT"),
    *("AAPL", "META", "V", "TGT", "T", "GM", "BRK-B", "^GSPC", "MSFT", "ABCD"),
)
BTC = ("BTC/USD", "BTC/USDT")


@pytest.fixture(scope="module")
def linker():
    return SymbolLinker([Symbol.parse(name) for name in FOLLOWED])


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("Bitcoin crashes 20%", BTC),
        ("bitcoin's fall", BTC),
        ("A bitcoin-backed loan", BTC),
        ("BTC slips", BTC),
        ("#BTC", BTC),
        ("Why BTC/USDT and BTCUSD differ", BTC),
        ("to the moon $btc", BTC),
        ("XBT perpetuals", BTC),
        ("Ether, SOL and Apple", ("AAPL", "ETH/USDT", "SOL/USDT")),
        ("Chainlink oracles", ("LINK/USDT",)),
        ("$LINK", ("LINK/USDT",)),
        ("Near Protocol and near protocol", ("NEAR/USDT",)),
        ("Ripple sued over XRP", ("XRP/USDT",)),
        ("Avalanche token doubles", ("AVAX/USDT",)),
        ("Meta and Visa shares fall", ("META", "V")),
        ("BRK.B beats the S&P 500", ("BRK-B", "^GSPC")),
        ("AT&T cuts its dividend, $T dips", ("T",)),
        ("microsoft!", ("MSFT",)),
        ("ABCD reports", ("ABCD",)),
        ("APPLE AND BITCOIN HIT RECORD HIGHS", ("AAPL", *BTC)),
    ],
)
def test_text_that_names_a_symbol_is_linked_to_it(linker, text, symbols):
    assert linker.link(text) == symbols


@pytest.mark.parametrize(
    "text",
    [
        "The link between growth and one near miss",
        "NEAR-term outlook: ONE day, LINK in bio",
        "Bitcoin Cash and Ethereum Classic",
        "Bitcoiners disagree",
        "ETHBTC",
        "An apple a day, a meta study, a visa",
        "Avalanche of sell orders",
        "Avalanche kills three in the Alps",
        "The Ripple effect of higher rates on crypto",
        "Target price raised, V-shaped recovery, Plan T",
        "General Electric, GM and GMT",
        "US$T",
        "solo, resolve, sol",
        "MARKETS ALL FALL AS ABCD AND SOL HIT",
        "abcd",
        "",
    ],
)
def test_text_of_mere_words_is_linked_to_nothing(linker, text):
    assert linker.link(text) == ()


def test_codes_of_the_feed_count_as_they_are(linker):
    assert linker.link("A quiet day", ["near", "XBT", "ZZZ"]) == (*BTC, "NEAR/USDT")


def test_pairs_are_found_by_their_base_never_by_their_quote():
    linker = SymbolLinker([Symbol.parse("ETH/BTC"), Symbol.parse("USDC/USDT")])

    assert linker.link("BTC and USDT fall") == ()
    assert linker.link("ETH rises") == ("ETH/BTC",)
    assert linker.link("$usdc") == ("USDC/USDT",)


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=60) | st.lists(st.sampled_from([*FOLLOWED, "$", "Bitcoin", " ", "&", "Near", "."])).map("".join)
)
def test_any_text_gives_followed_symbols_once_each(linker, text):
    found = linker.link(text, [text[:10]])

    assert set(found) <= set(FOLLOWED)
    assert list(found) == sorted(set(found))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from("abcdefgxyz_789"), st.sampled_from("abcdefgxyz_789"))
def test_ticker_inside_a_word_is_no_ticker(linker, before, after):
    assert linker.link(f"{before}BTC{after} {before}bitcoin{after}") == ()


def test_long_hostile_text_costs_no_second(linker):
    text = "Avalanche $ S&P &$btc." * 5_000

    began = time.process_time()
    linker.link(text)

    assert time.process_time() - began < 1
