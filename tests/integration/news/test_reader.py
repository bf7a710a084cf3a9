"""Is what the news say answered as of the market time, page by page, and never made up?"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from candlecast.errors import InvalidRequestError, UnknownSymbolError
from candlecast.market.symbols import Symbol
from candlecast.news.reader import NewsReader, window_seconds
from candlecast.queries import NewsFilter
from tests.builders import make_frozen_clock
from tests.integration.news_stored import ENGINE, VERSION, store_news

NOW = datetime(2022, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAIR = "BTC/USDT"


def reader_at(database, symbol_id: int, *, now: datetime = NOW) -> NewsReader:
    clock = make_frozen_clock(now, NOW + 9 * HOUR)
    return NewsReader(symbols={PAIR: (Symbol.parse(PAIR), symbol_id)}, clock=clock, database=database, engine=ENGINE)


def summary_of(reader: NewsReader, window: str = "24h"):
    return asyncio.run(reader.summary(PAIR, window))


def page_of(reader: NewsReader, **wanted):
    return asyncio.run(reader.page(NewsFilter(**wanted)))


def test_summary_counts_what_is_known_now_and_compares_to_the_window_before(database):
    number = store_news(database, [(NOW, 0.5), (NOW - 30 * HOUR, -0.25), (NOW + HOUR, -1.0), (NOW - HOUR, None)])

    found = summary_of(reader_at(database, number))

    assert (found.symbol, found.window, found.as_of) == (PAIR, "24h", NOW)
    assert (found.engine, found.version) == (ENGINE, VERSION)
    assert (found.score, found.n, found.dispersion, found.negative_share) == (0.5, 1, 0.0, 0.0)
    assert found.surprise == pytest.approx(0.75)
    assert found.trend == pytest.approx(0.75)


def test_summary_with_history_tells_the_score_of_each_quarter_window_as_it_was_then(database):
    number = store_news(database, [(NOW - 7 * HOUR, 0.5), (NOW - 1 * HOUR, -0.5)])
    reader = reader_at(database, number)

    found = asyncio.run(reader.summary(PAIR, "24h", history=4))

    assert [point.at for point in found.history] == [NOW - n * 6 * HOUR for n in (3, 2, 1, 0)]
    assert [point.n for point in found.history] == [0, 0, 1, 2]
    assert [point.score for point in found.history[:3]] == [None, None, pytest.approx(0.5)]
    assert found.history[-1].score == found.score


def test_summary_without_news_is_null_and_never_zero(database):
    number = store_news(database, [(NOW + HOUR, 0.5)])

    found = summary_of(reader_at(database, number), "7d")

    assert found.n == 0
    assert [found.score, found.dispersion, found.negative_share, found.surprise, found.trend] == [None] * 5


def test_summary_of_a_longer_window_reaches_further_back(database):
    number = store_news(database, [(NOW - 30 * HOUR, -0.25), (NOW - 29 * 24 * HOUR, 1.0)])
    reader = reader_at(database, number)

    assert [summary_of(reader, window).n for window in ("24h", "7d", "30d")] == [0, 1, 2]


@pytest.mark.parametrize("window", ["", "30m", "0h", "31d", "721h", "24", "1.5h", "9" * 30, "٣h", "24h\n"])
def test_window_that_makes_no_sense_is_refused_with_the_limits(window):
    with pytest.raises(InvalidRequestError, match="1h to 30d, as 24h or 7d"):
        window_seconds(window)


def test_symbol_that_is_not_followed_is_named(database):
    reader = reader_at(database, 1)

    with pytest.raises(UnknownSymbolError, match="BTC/USDT"):
        asyncio.run(reader.summary("BTC/USD", "24h"))
    with pytest.raises(UnknownSymbolError, match="BTC/USDT"):
        page_of(reader, symbol="BTC/USD")


def test_pages_follow_one_another_without_gap_or_repetition(database):
    number = store_news(database, [(NOW - k * HOUR, 0.1) for k in range(5)] + [(NOW + HOUR, 0.9)])
    reader = reader_at(database, number)

    first = page_of(reader, limit=2)
    second = page_of(reader, limit=2, cursor=first.next_cursor)
    last = page_of(reader, limit=2, cursor=second.next_cursor)

    told = [item.known_at for page in (first, second, last) for item in page.items]
    assert told == [NOW - k * HOUR for k in range(5)]
    assert last.next_cursor is None


def test_page_is_filtered_by_symbol_source_and_score(database):
    number = store_news(database, [(NOW, 0.5), (NOW - HOUR, -0.5)])
    store_news(database, [(NOW, 0.9)], symbol="ETH/USDT", source="Other")
    reader = reader_at(database, number)

    assert {item.source for item in page_of(reader, symbol=PAIR).items} == {"Outlet"}
    assert [item.symbols for item in page_of(reader, source="Other").items] == [["ETH/USDT"]]
    assert [item.sentiment.score for item in page_of(reader, symbol=PAIR, min_score=0.0).items] == [0.5]


@pytest.mark.parametrize("cursor", ["x", "", "5", "5-", "-5-1", "1" * 18 + "-1", "5-5; DROP TABLE news_table"])
def test_cursor_that_is_none_is_refused(database, cursor):
    with pytest.raises(InvalidRequestError, match="is not a cursor"):
        page_of(reader_at(database, 1), cursor=cursor)
