"""Do words come out of a headline as dedupe and the lexicon need them?"""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.sentiment.text import MAX_CHARACTERS, clean, content_words, lemma, tokenise, tokens_of


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Fed cuts https://t.co/abc rates\n\tagain", "Fed cuts rates again"),
        ("Q&amp;A at AT&amp;T", "Q&A at AT&T"),
        ("don’t “panic” − yet", 'don\'t "panic" - yet'),
        ("pay\u200bpal \u202eevil\u0000x", "paypal evil x"),
        ("１２％ ｕｐ", "12% up"),
        ("  ", ""),
    ],
)
def test_clean_of_web_text_leaves_plain_words(text, cleaned):
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("$BTC @coinbase #DeFi", ("btc", "coinbase", "defi")),
        ("All-time high for Apple's U.S. sales", ("all", "time", "high", "for", "apple", "us", "sales")),
        ("$1.5bn 1,500 million €2tn 50K 5 thousand", ("1500000000", "1500000000", "2000000000000", "50000", "5000")),
        ("20 percent, 20 per cent, 20% and 20.0 pct", ("20%", "20%", "20%", "and", "20%")),
        ("-3.5% (-2) 2-5% .5", ("-3.5%", "-2", "2", "5%", "0.5")),
        ("3Q19 10x 5G 007", ("3q19", "10x", "5g", "7")),
        ("S&P 500's isn't", ("s&p", "500", "isn't")),
        ("-- ... $ % __ '", ()),
    ],
)
def test_tokenise_of_market_text_writes_names_and_numbers_one_way(text, tokens):
    assert tokenise(text) == tokens


def test_content_words_of_inflected_headline_are_its_lemmas():
    assert content_words("The exchanges halted their withdrawals") == ("exchange", "halt", "withdrawal")
    assert content_words("Exchange halts withdrawal") == ("exchange", "halt", "withdrawal")


def test_content_words_keep_negations_and_directions():
    assert content_words("It won't go up and it can't go down, no") == ("not", "go", "up", "not", "go", "down", "no")


@pytest.mark.parametrize(
    ("token", "form"),
    [("fed", "fed"), ("us", "us"), ("higher", "higher"), ("rose", "rise"), ("laid", "lay"), ("zzqx", "zzqx")],
)
def test_lemma_of_word_that_dictionaries_misread_is_the_markets_one(token, form):
    assert lemma(token) == form


def test_content_words_of_huge_text_reads_only_its_beginning():
    words = content_words("up " * 100_000)

    assert len(words) == MAX_CHARACTERS // 3 + 1


@pytest.mark.parametrize("text", ["1," + "111," * 3_000 + "x", "9" * 9_000 + "k", "a." * 5_000, "-" * 9_999])
def test_tokenise_of_hostile_text_is_no_longer_than_it_was(text):
    tokens = tokenise(text)

    assert all(tokens)
    assert sum(map(len, tokens)) <= MAX_CHARACTERS


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=60))
def test_tokens_of_any_text_lie_where_they_say_in_order(text):
    cleaned = clean(text)

    tokens = tokens_of(cleaned)

    assert all(0 <= token.start < token.end <= len(cleaned) for token in tokens)
    assert all(left.end <= right.start for left, right in pairwise(tokens))
