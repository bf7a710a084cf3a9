"""Does a forecast get the news as known at its close, and go without where they cannot be read?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from candlecast.errors import StorageError
from candlecast.forecasts.news import ForecastNews, NewsView
from candlecast.schemas import SentimentState
from tests.integration.news_stored import ENGINE, VERSION, store_news
from tests.trained import small_result

AS_OF = datetime(2022, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FACTS = small_result().model.facts
TAKES_NEWS = replace(FACTS, scored_by=(ENGINE, VERSION))


def view_of(database, number, *, facts=FACTS) -> NewsView:
    return ForecastNews(database, engine=ENGINE).of(number, as_of=AS_OF, facts=facts)


def test_state_holds_the_stories_known_at_the_close(database):
    number = store_news(database, [(AS_OF, 0.5), (AS_OF + HOUR, -1.0)])

    assert view_of(database, number).state == SentimentState(score=0.5, n=1, available=True)


def test_state_of_a_followed_but_silent_day_is_available_without_a_score(database):
    number = store_news(database, [(AS_OF - 40 * HOUR, 0.5)])

    assert view_of(database, number).state == SentimentState(score=None, n=0, available=True)


def test_state_without_any_news_says_that_nothing_is_known(database):
    assert view_of(database, 1).state == SentimentState()


def test_stories_of_a_model_that_takes_news_are_dated_and_of_the_last_month(database):
    store_news(database, [(AS_OF - HOUR, 0.9)], dated=False)
    number = store_news(database, [(AS_OF - HOUR, 0.5), (AS_OF - 32 * 24 * HOUR, -0.5)])

    view = view_of(database, number, facts=TAKES_NEWS)

    assert view.state.n == 2
    assert view.stories.score.tolist() == [0.5]


def test_stories_of_a_model_without_news_are_not_read(database):
    number = store_news(database, [(AS_OF, 0.5)])

    assert len(view_of(database, number).stories.score) == 0


def test_stories_of_a_model_that_learned_from_other_scores_are_those_that_it_knows(database):
    number = store_news(database, [(AS_OF - 2 * HOUR, 0.5)])
    store_news(database, [(AS_OF - HOUR, -0.5)], version="v2")

    view = view_of(database, number, facts=TAKES_NEWS)

    assert view.state.score == -0.5
    assert view.stories.score.tolist() == [0.5]


def test_news_that_cannot_be_read_leave_the_forecast_without(database, monkeypatch):
    number = store_news(database, [(AS_OF, 0.5)])
    news = ForecastNews(database, engine=ENGINE)

    def refuse(*_: object):
        raise StorageError("the database does not answer")

    monkeypatch.setattr(news._stories, "history", refuse)

    view = news.of(number, as_of=AS_OF, facts=TAKES_NEWS)
    assert view.state == SentimentState()
    assert len(view.stories.score) == 0


@pytest.mark.parametrize("facts", [FACTS, TAKES_NEWS])
def test_view_of_stories_known_later_is_the_view_without_them(database, facts):
    number = store_news(database, [(AS_OF - HOUR, 0.5)])
    before = view_of(database, number, facts=facts)
    store_news(database, [(AS_OF + timedelta(seconds=1), -0.5)])

    after = view_of(database, number, facts=facts)

    assert after.state == before.state
    assert after.stories.score.tolist() == before.stories.score.tolist()
