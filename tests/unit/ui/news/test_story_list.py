from datetime import timedelta

import pytest

from candlecast.errors import StorageError
from candlecast.schemas import SentimentScore
from tests.fakes import make_readiness
from tests.fakes.market import NOW
from tests.fakes.news import hostile_stories, make_story
from ui.news.beside import beside_value
from ui.news.filters import filters_text
from ui.news.found import FoundNews, Stories
from ui.news.story_list import list_value, story_line
from ui.news.wanted import WantedNews


def found_news(stories, *, wanted=None, more=False) -> FoundNews:
    told = stories if isinstance(stories, Exception) else Stories(tuple(stories), more)
    return FoundNews(wanted or WantedNews(), told, [], [], make_readiness(), None)


def test_story_shows_time_source_outlets_symbols_and_score():
    story = make_story(0)

    line = story_line(story, market_time=NOW)

    assert story.title in line
    assert "+0.62 <small>bullish</small>" in line
    assert "11 Oct 2022 11:37 UTC" in line
    assert "3 outlets" in line
    assert 'data-go="symbol=BTC%2FUSDT&amp;pages="' in line
    assert 'rel="noopener noreferrer"' in line
    assert 'target="_blank"' in line


@pytest.mark.parametrize("story", hostile_stories())
def test_hostile_story_is_text_and_never_a_link_to_a_script(story):
    line = story_line(story, market_time=NOW)

    assert "<script" not in line
    assert "<img" not in line
    assert "<svg" not in line
    assert 'href="javascript' not in line.lower()
    assert 'href="data' not in line.lower()


def test_story_without_a_score_says_why():
    silent = SentimentScore(score=None, label=None, probabilities={}, abstain_reason='1 word, "at least" 2')

    assert "1 word, &quot;at least&quot; 2" in story_line(make_story(0, sentiment=silent), market_time=None)
    assert "not judged" in story_line(make_story(0, sentiment=None), market_time=None)


def test_undated_story_has_the_time_when_it_was_known():
    line = story_line(make_story(0, published_at=None), market_time=NOW + timedelta(hours=1))

    assert "(undated)" in line
    assert "1 h 20 min" in line


def test_list_offers_older_stories_only_where_there_are_some():
    assert 'data-go="pages=2"' in list_value(found_news([make_story(0)], more=True))
    assert "cc-more" not in list_value(found_news([make_story(0)]))
    full = list_value(found_news([make_story(0)], wanted=WantedNews(pages=20), more=True))
    assert "cc-more" not in full
    assert "at most 1,000 stories" in full


def test_list_without_stories_or_answer_says_why():
    assert "fits all of these filters" in list_value(found_news([], wanted=WantedNews(text="etf")))
    assert "No story has been collected yet" in list_value(found_news([]))
    assert 'data-state="failed"' in list_value(found_news(StorageError("PostgreSQL does not answer")))


def test_filters_keep_what_is_chosen_even_if_it_is_not_listed():
    wanted = WantedNews(source='<b>"x"', label="negative", min_score=0.5, text="a&b")

    text = filters_text(found_news([], wanted=wanted))

    assert '<option value="&lt;b&gt;&quot;x&quot;" selected>' in text
    assert 'data-go="label=negative&amp;pages=" aria-pressed="true"' in text
    assert 'value="0.5"' in text
    assert 'value="a&amp;b"' in text
    assert "cc-news-clear" in text
    assert "cc-news-clear" not in filters_text(found_news([]))


def test_panel_beside_the_list_says_that_nobody_told_anything():
    assert "No story was told in the last 30 days" in beside_value(found_news([]))
