"""Does every item end as a story, a retelling, something known, or a refusal?"""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.market.symbols import Symbol
from candlecast.news.intake import NewsIntake
from candlecast.news.linking import SymbolLinker
from tests.news_builders import NOW, MemoryStories, make_item

LINKER = SymbolLinker([Symbol.parse("BTC/USDT"), Symbol.parse("ETH/USDT")])
HOUR = timedelta(hours=1)


@pytest.fixture
def store():
    return MemoryStories()


@pytest.fixture
def intake(store):
    return NewsIntake(store, LINKER)


def test_items_of_a_page_are_sorted_out_and_counted(intake):
    page = [
        make_item("Exchange halts bitcoin withdrawals"),
        make_item("Bitcoin withdrawals halted by exchange", source="Echo"),
        make_item("Exchange halts bitcoin withdrawals", url="javascript:alert(1)"),
        make_item("Tomorrow's news", published_at=NOW + 24 * HOUR),
        make_item("Exchange halts bitcoin withdrawals"),
        make_item(""),
    ]

    taken = intake.take(page, NOW)

    assert (taken.n_new, taken.n_merged, taken.n_known) == (1, 1, 1)
    assert taken.refusals == {"bad_url": 1, "future": 1, "no_title": 1}
    assert taken.n_refused == 3


def test_same_page_again_stores_nothing(intake, store):
    page = [make_item("Bitcoin rises"), make_item("Stocks trade sideways")]
    intake.take(page, NOW)

    again = intake.take(page, NOW + HOUR)

    assert (again.n_new, again.n_merged, again.n_known) == (0, 0, 2)
    assert len(store.tellings) == 2


def test_item_of_the_future_is_taken_when_its_time_has_come(intake):
    item = make_item("Bitcoin rises", published_at=NOW + HOUR)

    assert intake.take([item], NOW).n_new == 0
    (story,) = intake.take([item], NOW + HOUR).stories
    assert story.article.known_at == NOW + HOUR


def test_live_article_is_known_now_whatever_its_outlet_says(intake):
    dated, undated = make_item("Bitcoin rises", published_at=NOW - HOUR), make_item("A fork", published_at=None)

    stories = intake.take([dated, undated], NOW).stories

    assert {(one.article.known_at, one.article.estimated) for one in stories} == {(NOW, False)}
    assert {one.article.published_at for one in stories} == {NOW - HOUR, None}


def test_article_of_an_archive_is_known_ten_minutes_after_its_publication(intake):
    (story,) = intake.take_history([make_item("Bitcoin rises")]).stories

    assert story.article.known_at == NOW + timedelta(minutes=10)
    assert story.article.published_at == NOW
    assert story.article.estimated


def test_undated_article_of_an_archive_is_refused(intake):
    naive = make_item("Ether", published_at=NOW.replace(tzinfo=None))

    taken = intake.take_history([make_item("Bitcoin", published_at=None), naive])

    assert taken.refusals == {"undated": 2}


def test_story_is_about_what_its_title_names_else_its_summary(intake):
    items = [
        make_item("Ether doubles", summary="Bitcoin did not."),
        make_item("A market wrap", summary="Bitcoin fell."),
        make_item("A quiet day at sea", codes=("ETH",), summary="Bitcoin slept."),
    ]

    stories = intake.take(items, NOW).stories

    assert {one.article.title: one.symbols for one in stories} == {
        "Ether doubles": ("ETH/USDT",),
        "A market wrap": ("BTC/USDT",),
        "A quiet day at sea": ("ETH/USDT",),
    }


def test_nothing_given_asks_nobody(intake, store, monkeypatch):
    monkeypatch.setattr(store, "known", None)

    assert intake.take([], NOW).n_new == 0
    assert intake.take([make_item("")], NOW).refusals == {"no_title": 1}


WORDS = ("bank", "miner", "court", "opens", "sues", "halts", "rises", "falls", "5%", "bitcoin")
TITLES = st.lists(st.sampled_from(WORDS), min_size=3, max_size=5)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(TITLES, st.integers(0, 100)), max_size=12), st.integers(1, 5))
def test_archive_in_any_chunks_gives_the_same_stories(rows, size):
    items = [
        make_item(" ".join(words), url=f"https://a.example/{i}", source=f"S{i % 3}", published_at=NOW + hour * HOUR)
        for i, (words, hour) in enumerate(sorted(rows, key=lambda row: row[1]))
    ]
    whole, parts = MemoryStories(), MemoryStories()

    NewsIntake(whole, LINKER).take_history(items)
    # chunks end between two moments: what is known at one moment is told apart together
    chunks: list[list] = [[]]
    for item in items:
        if len(chunks[-1]) >= size and item.published_at != chunks[-1][-1].published_at:
            chunks.append([])
        chunks[-1].append(item)
    for chunk in chunks:
        NewsIntake(parts, LINKER).take_history(chunk)

    stories = [{one.article.url_hash: one.story for one in store.tellings} for store in (whole, parts)]
    assert stories[0] == stories[1]
