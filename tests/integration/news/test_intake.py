"""Do archive and live end with the same stories in a real database, hostile items in none?"""

from datetime import timedelta

import pytest

from candlecast.market.symbols import Symbol
from candlecast.news.intake import READ_AFTER, NewsIntake
from candlecast.news.linking import SymbolLinker
from candlecast.storage.postgres.news import NewsStore
from candlecast.storage.postgres.news_pages import NewsQuery
from candlecast.storage.postgres.symbols import SymbolStore
from tests.integration.conftest import as_owner
from tests.news_builders import NOW, make_item

SYMBOLS = [Symbol.parse("BTC/USDT"), Symbol.parse("ETH/USDT")]
HOUR = timedelta(hours=1)
HEADLINES = (
    ("Daily", 0, "Exchange halts bitcoin withdrawals"),
    ("Echo", 3, "Bitcoin withdrawals halted by exchange"),
    ("Daily", 5, "Bitcoin falls 5% as fund fails"),
    ("Echo", 6, "Bitcoin falls 7% as fund fails"),
    ("Gazette", 60, "Exchange halted bitcoin withdrawals"),
    ("Echo", 61, "Ether upgrade delayed to autumn"),
)


@pytest.fixture
def store(database):
    SymbolStore(database).ensure(SYMBOLS)
    return NewsStore(database)


@pytest.fixture
def intake(store):
    return NewsIntake(store, SymbolLinker(SYMBOLS))


def _items():
    return [make_item(title, source=source, published_at=NOW + hour * HOUR) for source, hour, title in HEADLINES]


def _stories(store):
    items = store.page(NewsQuery(until=NOW + 1_000 * HOUR))
    return [(item.title, item.outlets, item.symbols, item.known_at, item.published_at) for item in items]


def test_archive_at_once_and_live_one_by_one_store_the_same(intake, store, postgres):
    intake.take_history(_items())
    of_archive = _stories(store)
    as_owner(postgres, "DELETE FROM news_table")
    for item in _items():
        intake.take([item], item.published_at + READ_AFTER)

    assert _stories(store) == of_archive
    assert [(title, outlets) for title, outlets, *_ in of_archive] == [
        ("Ether upgrade delayed to autumn", ["Echo"]),
        ("Exchange halted bitcoin withdrawals", ["Gazette"]),
        ("Bitcoin falls 7% as fund fails", ["Echo"]),
        ("Bitcoin falls 5% as fund fails", ["Daily"]),
        ("Exchange halts bitcoin withdrawals", ["Daily", "Echo"]),
    ]


def test_live_after_the_archive_knows_its_stories(intake, store):
    intake.take_history(_items())

    taken = intake.take(_items(), NOW + 62 * HOUR)

    assert (taken.n_new, taken.n_known) == (0, len(HEADLINES))


def test_hostile_items_are_stored_as_plain_text_or_not_at_all(intake, store):
    hostile = [
        make_item("<script>alert(1)</script>"),
        make_item("Bitcoin", url="javascript:alert(1)"),
        make_item("Bitcoin tomorrow", published_at=NOW + 24 * HOUR),
        make_item("Bitcoin \x00\ud800<img src=x onerror=alert(1)> wins", source="'; DROP TABLE news_table; --\x00"),
        make_item("x " * 2_500_000, url="https://a.example/long", summary="<p>" * 1_000_000),
        make_item("&amp;lt;b&amp;gt;Ether 🚀", url="https://a.example/%00", codes=("\x00", "ETH")),
    ]

    taken = intake.take(hostile, NOW)

    assert (taken.n_new, taken.refusals) == (3, {"no_title": 1, "bad_url": 1, "future": 1})
    stored = {item.title: item for item in store.page(NewsQuery(until=NOW))}
    assert set(stored) == {"Bitcoin wins", "Ether 🚀", "x " * 149 + "x…"}
    assert stored["Bitcoin wins"].source == "'; DROP TABLE news_table; --"
