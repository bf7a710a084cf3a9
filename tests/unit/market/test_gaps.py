"""Are holes found where candles are missing, and nowhere else?"""

from datetime import UTC, datetime, timedelta

import pandas as pd

from candlecast.market.calendars import expected_open_times
from candlecast.market.gaps import Hole, find_holes
from tests.builders import make_candles

HOUR = timedelta(hours=1)
START = datetime(2024, 3, 1, tzinfo=UTC)


def hours(*numbers: int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([START + HOUR * number for number in numbers])


def holes(opens: pd.DatetimeIndex, *, end: datetime, start: datetime = START) -> list[Hole]:
    return find_holes(opens, start=start, end=end, timeframe="1h", calendar="24/7")


def test_whole_series_has_no_hole():
    assert holes(hours(0, 1, 2, 3), end=START + 4 * HOUR) == []


def test_missing_candles_become_one_hole_a_run():
    found = holes(hours(0, 3, 4, 6), end=START + 8 * HOUR)

    assert found == [
        Hole(START + HOUR, START + 3 * HOUR, 2),
        Hole(START + 5 * HOUR, START + 6 * HOUR, 1),
        Hole(START + 7 * HOUR, START + 8 * HOUR, 1),
    ]


def test_nothing_stored_is_one_hole_from_start_to_end():
    assert holes(hours(), end=START + 3 * HOUR) == [Hole(START, START + 3 * HOUR, 3)]


def test_running_candle_is_not_missed():
    assert holes(hours(0, 1), end=START + 2.9 * HOUR) == []


def test_candles_outside_the_span_and_in_any_order_count_for_nothing():
    found = holes(hours(9, 1, 0), start=START + HOUR, end=START + 3 * HOUR)

    assert found == [Hole(START + 2 * HOUR, START + 3 * HOUR, 1)]


def test_nights_and_weekends_of_a_stock_are_no_holes():
    friday, tuesday = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 5, tzinfo=UTC)
    due = expected_open_times(friday, tuesday, timeframe="1h", calendar="XNYS")

    assert find_holes(due, start=friday, end=tuesday, timeframe="1h", calendar="XNYS") == []


def test_half_day_of_a_stock_expects_the_short_last_candle():
    # the day after Thanksgiving ends at 18:00 UTC: 14:30 to 18:00 are 4 hourly slots, the last of half an hour
    day = datetime(2024, 11, 29, tzinfo=UTC)

    found = find_holes(hours(), start=day, end=day + 24 * HOUR, timeframe="1h", calendar="XNYS")

    assert found == [Hole(day + 14.5 * HOUR, day + 18 * HOUR, 4)]


def test_generated_gaps_are_found_candle_by_candle():
    candles = make_candles(500, gap_share=0.1)
    start, end = candles["open_time"].iloc[0], candles["close_time"].iloc[-1]

    found = find_holes(pd.DatetimeIndex(candles["open_time"]), start=start, end=end, timeframe="1h", calendar="24/7")

    assert sum(hole.n_candles for hole in found) == 500 - len(candles) > 0
