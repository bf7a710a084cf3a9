from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from candlecast.errors import StorageError
from candlecast.market.symbols import Symbol
from candlecast.news.stories import KnownTitle, Telling
from candlecast.schemas import SentimentScore
from candlecast.storage.postgres.news import NewsStore
from candlecast.storage.postgres.news_pages import NewsQuery
from candlecast.storage.postgres.sentiment import ScoredNews, SentimentStore
from candlecast.storage.postgres.symbols import SymbolStore
from tests.news_builders import NOW, make_article

HOUR = timedelta(hours=1)
BTC, ETH = "BTC/USDT", "ETH/USDT"


@pytest.fixture
def store(database):
    return NewsStore(database)


@pytest.fixture
def ids(database):
    return SymbolStore(database).ensure([Symbol.parse(BTC), Symbol.parse(ETH)])


def make_story(title: str, *symbols: str, hour: int = 0, **overrides) -> Telling:
    article = make_article(title, known_at=NOW + hour * HOUR, published_at=NOW + hour * HOUR, **overrides)
    return Telling(article, article.url_hash, symbols)


def make_retelling(of: Telling, title: str, *, hour: int, source: str) -> Telling:
    return Telling(make_article(title, known_at=NOW + hour * HOUR, source=source), of.story, (ETH,))


def make_score(score: float | None, reason: str | None = None) -> SentimentScore:
    label = None if score is None else "positive" if score > 0 else "negative"
    shares = {"negative": 0.25, "neutral": 0.5, "positive": 0.25}
    return SentimentScore(score=score, label=label, probabilities=shares, abstain_reason=reason)


def _judge(database, news_id: int, score: SentimentScore, *, version: str = "1") -> int:
    return SentimentStore(database).add([ScoredNews(news_id, "lexicon", version, score, NOW)])


def _titles(items) -> list[str]:
    return [item.title for item in items]


def _all(store, **conditions):
    return store.page(NewsQuery(until=NOW + 100 * HOUR, engine="lexicon", version="1", **conditions))


def test_story_with_its_retelling_is_stored_once_with_both_outlets(store, ids):
    story = make_story("Bitcoin rises", BTC, feed="rss:daily", summary="By much.")
    retelling = make_retelling(story, "Bitcoin is up", hour=1, source="Echo")

    added = store.add([story, retelling])

    (new,) = added.stories
    assert (new.article, new.symbols, added.n_retold, added.n_known) == (story.article, (BTC,), 1, 0)
    (item,) = _all(store)
    assert (item.id, item.title, item.url, item.source) == (new.id, "Bitcoin rises", story.article.url, "Daily")
    assert (item.outlets, item.symbols, item.sentiment) == (["Daily", "Echo"], [BTC], None)
    assert (item.published_at, item.known_at, item.estimated) == (NOW, NOW, False)


def test_articles_stored_again_change_nothing(store, ids):
    story = make_story("Bitcoin rises", BTC)
    retelling = make_retelling(story, "Bitcoin is up", hour=1, source="Echo")
    store.add([story, retelling])
    before = _all(store)

    added = store.add([replace(story, symbols=(ETH,)), retelling])

    assert (list(added.stories), added.n_retold, added.n_known) == ([], 0, 2)
    assert _all(store) == before


def test_retelling_of_a_retelling_belongs_to_the_story(store, ids):
    story = make_story("Bitcoin rises", BTC)
    retelling = make_retelling(story, "Bitcoin is up", hour=1, source="Echo")
    store.add([story, retelling])

    again = Telling(make_article("BTC up", source="Gazette", known_at=NOW + HOUR), retelling.article.url_hash)

    assert store.add([again]).n_retold == 1
    assert _all(store)[0].outlets == ["Daily", "Echo", "Gazette"]


def test_batch_with_an_unsound_article_is_not_stored_at_all(store, ids):
    broken = make_story("Broken", url="javascript:alert(1)")

    with pytest.raises(StorageError, match="refused"):
        store.add([make_story("Bitcoin rises", BTC), broken])

    assert _all(store) == []


def test_two_writers_of_the_same_articles_store_them_once(store, ids):
    stories = [make_story(f"Story {i}", BTC) for i in range(30)]

    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(store.add, [stories, stories[::-1], stories, stories[10:]]))

    assert sum(len(each.stories) for each in added) == 30
    assert len(_all(store)) == 30


def test_symbols_that_are_not_stored_are_left_out(store, ids):
    (new,) = store.add([make_story("Both", BTC, "DOGE/USDT", BTC)]).stories

    assert _all(store)[0].symbols == [BTC]
    assert new.symbols == (BTC, "DOGE/USDT", BTC)


def test_known_addresses_are_those_of_all_outlets(store, ids):
    story = make_story("Bitcoin rises")
    retelling = make_retelling(story, "Bitcoin is up", hour=1, source="Echo")
    store.add([story, retelling])

    hashes = {story.article.url_hash, retelling.article.url_hash}
    assert store.known([*hashes, "other"]) == hashes
    assert store.known([]) == set()


def test_recent_titles_are_the_first_ones_of_their_stories(store, ids):
    stories = [make_story(f"Story {hour}", hour=hour) for hour in range(5)]
    store.add([*stories, make_retelling(stories[1], "Echoed", hour=2, source="Echo")])

    found = store.recent_titles(NOW + HOUR, NOW + 3 * HOUR)

    assert found == [
        KnownTitle(story.story, story.article.title, story.article.known_at, "Daily") for story in stories[1:4]
    ]


def test_pages_follow_each_other_without_loss_or_repetition(store, ids):
    store.add([make_story(f"Story {i}", BTC, hour=i // 3) for i in range(10)])

    pages, after = [], None
    while page := _all(store, limit=4, after=after):
        pages += page
        after = (page[-1].known_at, page[-1].id)

    assert len({item.id for item in pages}) == 10
    assert [(item.known_at, item.id) for item in pages] == sorted(((i.known_at, i.id) for i in pages), reverse=True)


def test_page_holds_nothing_that_was_known_later(store, ids):
    story = make_story("Early", BTC)
    store.add([story, make_retelling(story, "Echoed", hour=5, source="Echo"), make_story("Late", BTC, hour=6)])

    (item,) = store.page(NewsQuery(until=NOW + HOUR))

    assert (item.title, item.outlets) == ("Early", ["Daily"])
    assert store.page(NewsQuery(until=NOW + HOUR, source="Echo")) == []
    assert _titles(store.page(NewsQuery(until=NOW + 5 * HOUR, source="Echo"))) == ["Early"]


def test_page_filters_by_symbol_source_and_score(store, database, ids):
    told = [make_story("Good", BTC), make_story("Bad", ETH, hour=1, source="Echo"), make_story("Silent", BTC, hour=2)]
    good, bad, silent = store.add(told).stories
    _judge(database, good.id, make_score(0.5))
    _judge(database, bad.id, make_score(-0.5))
    _judge(database, silent.id, make_score(None, "1 word, at least 2"))

    assert _titles(_all(store, symbol_id=ids[BTC])) == ["Silent", "Good"]
    assert _titles(_all(store, source="Echo")) == ["Bad"]
    assert _all(store, source="Echo\x00") == []
    assert _titles(_all(store, min_score=-0.5)) == ["Bad", "Good"]
    assert _titles(_all(store, min_score=0.0)) == ["Good"]
    assert _titles(_all(store, max_score=0.0)) == ["Bad"]
    assert _titles(_all(store, label="positive")) == ["Good"]
    assert [item.sentiment for item in _all(store)] == [
        make_score(None, "1 word, at least 2"),
        make_score(-0.5),
        make_score(0.5),
    ]
    assert store.page(NewsQuery(until=NOW, engine="lexicon", version="2"))[0].sentiment is None


def test_page_filters_by_words_of_the_title_taken_literally(store, ids):
    store.add([make_story(title) for title in ("Bitcoin ETF: 5% in_flow", "ETF of bitcoin", "Ether at 50 dollars")])

    assert len(_all(store, text="ETF  bitCOIN")) == 2
    assert _titles(_all(store, text="5%")) == ["Bitcoin ETF: 5% in_flow"]
    assert _titles(_all(store, text="in_f")) == ["Bitcoin ETF: 5% in_flow"]
    assert _all(store, text="\\") == _all(store, text="'; DROP") == _all(store, text="a\x00") == []
    assert len(_all(store, text=" ")) == 3


def test_sources_are_counted_by_story_as_known_then(store, ids):
    story = make_story("Bitcoin rises", BTC)
    late = make_retelling(story, "Bitcoin is up", hour=5, source="Echo")
    store.add([story, make_story("Ether falls", hour=1), late])

    found = store.sources(NOW, NOW + 5 * HOUR, limit=9)

    assert [(one.source, one.n, one.newest_at) for one in found] == [
        ("Daily", 2, NOW + HOUR),
        ("Echo", 1, NOW + 5 * HOUR),
    ]
    assert [one.source for one in store.sources(NOW, NOW + HOUR, limit=9)] == ["Daily"]
    assert [one.source for one in store.sources(NOW + HOUR, NOW + HOUR, limit=9)] == ["Daily"]
    assert len(store.sources(NOW, NOW + 5 * HOUR, limit=1)) == 1


def test_stories_without_a_row_of_the_version_are_unscored_newest_first(store, database, ids):
    one, two, three = store.add([make_story(f"Story {hour}", hour=hour) for hour in range(3)]).stories
    _judge(database, two.id, make_score(0.1))

    assert store.unscored("lexicon", "1", 10) == [(three.id, "Story 2"), (one.id, "Story 0")]
    assert len(store.unscored("lexicon", "2", 2)) == 2
    assert len(store.unscored("vader", "1", 10)) == 3


def test_history_holds_scored_stories_of_the_span(store, database, ids):
    told = [make_story("Both", BTC, ETH), make_story("Silent", BTC), make_story("Later", BTC, hour=3)]
    undated = replace(told[0], article=replace(told[0].article, published_at=None))
    numbers = {one.article.title: one.id for one in store.add([undated, *told[1:], make_story("Waiting", BTC)]).stories}
    both, silent, later = (numbers[title] for title in ("Both", "Silent", "Later"))
    _judge(database, both, make_score(0.25))
    _judge(database, both, make_score(-1.0), version="2")
    _judge(database, silent, make_score(None, "too short"))
    _judge(database, later, make_score(-0.5))

    found = store.history([ids[BTC], ids[ETH]], NOW, NOW + 3 * HOUR, "lexicon", "1")

    assert found.to_dict("list") == {
        "symbol_id": [ids[BTC], ids[BTC], ids[ETH]],
        "news_id": [both, later, both],
        "known_at": [NOW, NOW + 3 * HOUR, NOW],
        "published_at": [pd.NaT, NOW + 3 * HOUR, pd.NaT],
        "score": [0.25, -0.5, 0.25],
    }
    assert {str(found[name].dtype) for name in ("known_at", "published_at")} == {"datetime64[us, UTC]"}
    assert len(store.history([ids[BTC]], NOW, NOW + 2 * HOUR, "lexicon", "1")) == 1


def test_history_of_nothing_has_its_columns(store, ids):
    found = store.history([ids[BTC]], NOW, NOW, "lexicon", "1")

    assert list(found.columns) == ["symbol_id", "news_id", "known_at", "published_at", "score"]
    assert found.empty
    assert str(found["published_at"].dtype) == "datetime64[us, UTC]"
