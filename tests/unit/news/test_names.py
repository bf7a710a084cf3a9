"""Is the table of names written as its rules say?"""

from candlecast.news.names import COINS, NAME_OF_WORD, STOCKS, WORDS


def test_every_name_is_spelled_so_that_its_rule_is_clear():
    for ticker, names in {**COINS, **STOCKS}.items():
        for name in names:
            assert name == name.strip(), ticker
            assert name.islower() or not name.endswith("?") or name[0].isupper(), name


def test_no_name_in_any_case_is_a_word_or_another_market():
    lower = [name for names in (*COINS.values(), *STOCKS.values()) for name in names if name.islower()]

    assert not set(lower) & WORDS
    assert len(lower) == len(set(lower))


def test_words_of_headlines_tell_coins_apart():
    assert NAME_OF_WORD["btc"] == NAME_OF_WORD["bitcoin"] == "BTC"
    assert NAME_OF_WORD["eth"] == "ETH"
    assert "near" not in NAME_OF_WORD
