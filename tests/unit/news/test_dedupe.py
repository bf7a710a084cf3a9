"""Is a story told by many one story, and what only looks like it another one?"""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.news.dedupe import SAME_STORY_WITHIN, StoryIndex, same_story
from candlecast.news.headline import read_headline
from candlecast.news.stories import KnownTitle
from tests.news_builders import NOW, make_article

HOUR = timedelta(hours=1)


def _same(one: str, other: str, *, same_outlet: bool = False) -> bool:
    return same_story(read_headline(one), read_headline(other), same_outlet=same_outlet)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Exchange halts bitcoin withdrawals", "BITCOIN WITHDRAWALS HALTED BY EXCHANGE"),
        ("Lender raises $120M for its web fund", "Lender raises USD 120 million for web fund"),
        ("Bank of Ruritania adopts Bitcoin as legal tender", "Ruritania bank adopts BTC as a legal tender: report"),
        ("Wallet maker launches a beta market", "Wallet maker launches beta market, plans to grow beyond Europe"),
        ("Crypto slides", "crypto slides"),
    ],
)
def test_rewordings_of_one_story_are_the_same(one, other):
    assert _same(one, other)
    assert _same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bitcoin rises as traders await the Fed", "Bitcoin falls as traders await the Fed"),
        ("Bitcoin holds key support before options expiry", "Ethereum holds key support before options expiry"),
        ("Donations to Ruritania exceed $13 million", "Donations to Ruritania exceed $20 million"),
        ("Price analysis 5/9: majors at support", "Price analysis 5/11: majors at support"),
        ("Regulator will approve the spot fund", "Regulator will not approve the spot fund"),
        ("Crypto slides", "Stocks slide"),
        ("Exchange opens an office in Lisbon", "Miner buys turbines in Texas"),
        ("", ""),
        ("2022", "2022"),
    ],
)
def test_headlines_that_differ_in_what_matters_are_not_the_same(one, other):
    assert not _same(one, other)


def test_outlet_that_repeats_its_phrase_tells_something_new():
    daily = ("Leading coins consolidate above support", "Leading coins consolidate near support levels")

    assert _same(*daily)
    assert not _same(*daily, same_outlet=True)


def test_retelling_belongs_to_the_first_story_within_two_days():
    index = StoryIndex([KnownTitle("first", "Exchange halts bitcoin withdrawals", NOW, "Daily")])
    late = NOW + SAME_STORY_WITHIN + HOUR

    within = make_article("Bitcoin withdrawals halted by exchange", known_at=NOW + 47 * HOUR, source="Echo")
    after = make_article("Exchange halts all bitcoin withdrawals", known_at=late, source="Echo")
    again = make_article("Exchange halted bitcoin withdrawals", known_at=late + HOUR, source="Gazette")

    assert index.place([again, after, within]) == [after.url_hash, after.url_hash, "first"]


WORDS = (
    "bank",
    "fund",
    "miner",
    "token",
    "court",
    "opens",
    "buys",
    "halts",
    "rises",
    "falls",
    "5%",
    "10",
    "bitcoin",
    "not",
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=3, max_size=6), max_size=14), st.randoms())
def test_history_at_once_and_articles_one_by_one_give_the_same_stories(headlines, rng):
    articles = [
        make_article(
            " ".join(words),
            url_hash=f"h{i}",
            known_at=NOW + timedelta(hours=rng.randrange(120)),
            source=rng.choice(["A", "B", "C"]),
        )
        for i, words in enumerate(headlines)
    ]
    at_once = dict(zip([one.url_hash for one in articles], StoryIndex().place(articles), strict=True))

    known: list[KnownTitle] = []
    one_by_one = {}
    for article in sorted(articles, key=lambda one: (one.known_at, one.url_hash)):
        recent = [title for title in known if title.known_at >= article.known_at - SAME_STORY_WITHIN]
        random.Random(1).shuffle(recent)
        (story,) = StoryIndex(recent).place([article])
        one_by_one[article.url_hash] = story
        if story == article.url_hash:
            known.append(KnownTitle(story, article.title, article.known_at, article.source))

    assert one_by_one == at_once


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_headlines_are_compared_alike_in_both_orders(one, other):
    assert _same(one, other) == _same(other, one)
