"""Are the headlines those that made the score, and can none of them run anything?"""

from datetime import timedelta

import pytest

from tests.fakes import NOW, hostile_stories, make_score, make_sentiment, make_story
from ui.dashboard.facts import News
from ui.dashboard.headlines_card import headlines_card, link, weigh


def told(hours, score, **overrides):
    when = NOW - timedelta(hours=hours)
    sentiment = None if score is None else make_score(score)
    return make_story(published_at=when, known_at=when, sentiment=sentiment, **overrides)


def news_of(*stories, **overrides):
    return News(make_sentiment(**overrides), stories)


def test_what_the_stories_moved_adds_up_to_their_weighted_mean():
    # half-lives of 6 h: weights 1, 1/2 and 1/4
    found = weigh(news_of(told(0, 0.5), told(6, -1.0), told(12, 0.2)))

    assert [one.score for one in found] == [0.5, -1.0, 0.2] or [one.score for one in found] == [-1.0, 0.5, 0.2]
    assert sum(one.moved for one in found) == pytest.approx((0.5 - 0.5 + 0.05) / 1.75)


def test_stories_out_of_the_window_unscored_or_not_known_yet_do_not_count():
    assert weigh(news_of(told(25, 0.9), told(1, None), told(-1, 0.9))) == []


def test_card_shows_the_three_that_moved_most():
    stories = [told(n, score, title=f"title {n}") for n, score in enumerate((0.1, -0.9, 0.8, 0.05, -0.7))]

    text = headlines_card(news_of(*stories))

    assert [f"title {n}" in text for n in range(5)] == [False, True, True, False, True]
    assert text.index("title 1") < text.index("title 2")
    assert "24h · 5 articles · 1 source" in text
    assert "3 outlets" in text


@pytest.mark.parametrize(
    ("n", "says"), [(0, "No story of BTC/USDT in 24h."), (4, "4 stories of BTC/USDT are known in the last 24h, none")]
)
def test_card_without_scored_stories_says_why(n, says):
    assert says in headlines_card(news_of(score=None, n=n))


def test_link_of_the_web_opens_elsewhere_and_knows_nothing_of_this_page():
    text = link(make_story(url="https://example.test/?a=1&b=2"))

    assert 'href="https://example.test/?a=1&amp;b=2"' in text
    assert 'rel="noopener noreferrer"' in text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "//x", "", "http://["]
)
def test_address_that_is_not_of_the_web_is_no_link(url):
    assert "href" not in link(make_story(url=url))


def test_markup_in_stories_is_inert():
    text = headlines_card(news_of(*hostile_stories()))

    for tag in ("<script", "<img", "<svg", "javascript:"):
        assert tag not in text.lower()
