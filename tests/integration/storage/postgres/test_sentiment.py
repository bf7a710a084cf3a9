from datetime import timedelta

import pytest

from candlecast.errors import StorageError
from candlecast.news.stories import Telling
from candlecast.schemas import SentimentScore
from candlecast.storage.postgres.news import NewsStore
from candlecast.storage.postgres.news_pages import NewsQuery
from candlecast.storage.postgres.sentiment import ScoredNews, SentimentStore
from tests.news_builders import NOW, make_article

SHARES = {"negative": 0.1, "neutral": 0.3, "positive": 0.6}
GOOD = SentimentScore(score=0.5, label="positive", probabilities=SHARES)
SILENT = SentimentScore(score=None, label=None, probabilities=SHARES, abstain_reason="1 word, at least 2")


@pytest.fixture
def store(database):
    return SentimentStore(database)


@pytest.fixture
def news_id(database):
    article = make_article("Bitcoin rises")
    return NewsStore(database).add([Telling(article, article.url_hash)]).stories[0].id


def _shown(database, version):
    return NewsStore(database).page(NewsQuery(until=NOW, engine="lexicon", version=version))[0].sentiment


@pytest.mark.parametrize("score", [GOOD, SILENT], ids=["judged", "abstained"])
def test_score_is_kept_as_it_was_given(store, database, news_id, score):
    assert store.add([ScoredNews(news_id, "lexicon", "1", score, NOW)]) == 1

    assert _shown(database, "1") == score


def test_first_score_of_a_version_stays(store, database, news_id):
    store.add([ScoredNews(news_id, "lexicon", "1", GOOD, NOW)])

    assert store.add([ScoredNews(news_id, "lexicon", "1", SILENT, NOW)]) == 0
    assert _shown(database, "1") == GOOD


def test_score_without_label_or_reason_is_refused(store, news_id):
    for broken in (GOOD.model_copy(update={"label": None}), SILENT.model_copy(update={"abstain_reason": None})):
        with pytest.raises(StorageError, match="refused"):
            store.add([ScoredNews(news_id, "lexicon", "1", broken, NOW)])


def test_newest_version_is_the_one_written_last_whatever_the_market_time(store, news_id):
    assert store.newest_version("lexicon") is None
    store.add([ScoredNews(news_id, "lexicon", "b", GOOD, NOW)])
    store.add([ScoredNews(news_id, "lexicon", "a", GOOD, NOW - timedelta(days=365))])
    store.add([ScoredNews(news_id, "vader", "c", GOOD, NOW)])

    assert store.newest_version("lexicon") == "a"


def test_nothing_to_add_is_no_write(store):
    assert store.add([]) == 0
