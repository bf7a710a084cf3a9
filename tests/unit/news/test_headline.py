"""Is a headline read as what it says?"""

import pytest

from candlecast.news.headline import read_headline


def test_headline_is_read_as_words_figures_and_names():
    read = read_headline("Bitcoin falls 5% to $20K as ETH holds")

    assert read.figures == {"5", "20000"}
    assert read.names == {"BTC", "ETH"}
    assert read.words.split() == sorted(read.words.split())
    assert read.n_words == len(read.words.split())


@pytest.mark.parametrize(
    ("title", "direction"),
    [("Stocks rally", 1), ("Stocks plunged", -1), ("Stocks rise, bonds fall", 0), ("Stocks trade", 0)],
)
def test_direction_is_that_of_the_words_when_they_agree(title, direction):
    assert read_headline(title).direction == direction


@pytest.mark.parametrize(("title", "negated"), [("It won't sell", True), ("No deal", True), ("A deal", False)])
def test_denial_is_seen(title, negated):
    assert read_headline(title).negated is negated
