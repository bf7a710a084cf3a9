"""Does a series know how far it is whole, and when its next candle is due?"""

from datetime import UTC, datetime, timedelta

from candlecast.ingest.progress import Progress
from candlecast.market.symbols import Symbol

HOUR = timedelta(hours=1)
TEN = datetime(2024, 3, 1, 10, tzinfo=UTC)


def make_progress(name: str = "BTC/USDT", *, whole_until: datetime | None = TEN) -> Progress:
    opened = None if whole_until is None else whole_until - HOUR
    return Progress(Symbol.parse(name), 7, "1h", whole_until=whole_until, open_of_newest=opened)


def stored(one: Progress, *, closed: datetime) -> None:
    one.stored(opened=closed - HOUR, closed=closed, source="binance", quality="stream")


def test_next_candle_moves_the_series_on():
    one = make_progress()

    stored(one, closed=TEN + HOUR)

    assert (one.whole_until, one.open_of_newest) == (TEN + HOUR, TEN)
    assert (one.source, one.quality) == ("binance", "stream")


def test_candle_after_a_hole_leaves_the_series_where_it_was():
    one = make_progress()

    stored(one, closed=TEN + 2 * HOUR)

    assert one.whole_until == TEN
    assert one.overdue(TEN + 2 * HOUR) == HOUR


def test_rest_answer_moves_over_a_hole_that_the_venue_has():
    one = make_progress()

    one.asked(opened=TEN + 2 * HOUR, closed=TEN + 3 * HOUR, source="binance", quality="rest")

    assert one.whole_until == TEN + 3 * HOUR


def test_older_answer_never_moves_the_series_back():
    one = make_progress()

    one.asked(opened=TEN - 2 * HOUR, closed=TEN - HOUR, source="kraken", quality="failover")

    assert (one.whole_until, one.source) == (TEN, "")


def test_progress_forgets_failures():
    one = make_progress()
    one.failures, one.ask_at_s = 5, 1e12

    stored(one, closed=TEN + HOUR)

    assert (one.failures, one.ask_at_s) == (0, 0.0)


def test_series_without_a_candle_is_overdue_at_once():
    assert make_progress(whole_until=None).overdue(TEN) == timedelta.max


def test_stock_is_due_at_the_close_of_its_next_slot():
    # Friday's session ends at 21:00 UTC, Monday's first hour at 15:30
    friday = datetime(2024, 3, 1, 21, tzinfo=UTC)

    one = make_progress("AAPL", whole_until=friday)

    assert one.next_close() == datetime(2024, 3, 4, 15, 30, tzinfo=UTC)
