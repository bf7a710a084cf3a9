import warnings
from datetime import UTC, datetime, timedelta

import exchange_calendars
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candlecast.errors import InvalidRequestError
from candlecast.market.calendars import (
    close_times,
    expected_open_times,
    on_grid,
    session_opens,
    session_spans,
    target_time,
    target_times,
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def schedule_of_new_york() -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.Pandas4Warning)
        return exchange_calendars.get_calendar("XNYS").schedule


def index(*texts: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([utc(text) for text in texts])


def test_close_times_of_crypto_add_the_timeframe():
    closes = close_times(index("2021-01-01 05:00", "2021-01-01 23:00"), timeframe="1h", calendar="24/7")

    assert list(closes) == [utc("2021-01-01 06:00"), utc("2021-01-02 00:00")]
    assert closes.dtype == "datetime64[us, UTC]"


def test_close_times_of_daily_stock_end_with_the_session():
    # 2024-11-29 is the half day after Thanksgiving.
    closes = close_times(index("2024-11-27 14:30", "2024-11-29 14:30"), timeframe="1d", calendar="XNYS")

    assert list(closes) == [utc("2024-11-27 21:00"), utc("2024-11-29 18:00")]


def test_close_times_of_last_stock_slot_are_cut_at_the_session_close():
    closes = close_times(index("2024-11-27 19:30", "2024-11-27 20:30"), timeframe="1h", calendar="XNYS")

    assert list(closes) == [utc("2024-11-27 20:30"), utc("2024-11-27 21:00")]


def test_close_times_outside_the_session_are_missing():
    closes = close_times(index("2024-11-28 15:30", "1980-01-02 15:00"), timeframe="1h", calendar="XNYS")

    assert closes.isna().all()


def test_close_times_of_no_candle_are_empty():
    none = index()

    assert len(close_times(none, timeframe="1d", calendar="XNYS")) == 0
    assert len(target_times(none, timeframe="1d", horizon=1, calendar="XNYS")) == 0


@pytest.mark.parametrize(
    ("close", "timeframe", "horizon", "target"),
    [
        ("2024-11-27 21:00", "1d", 1, "2024-11-29 18:00"),
        ("2024-11-27 21:00", "1d", 2, "2024-12-02 21:00"),
        ("2024-11-27 20:30", "1h", 1, "2024-11-27 21:00"),
        ("2024-11-27 21:00", "1h", 5, "2024-12-02 15:30"),
        ("2024-11-28 12:00", "1h", 1, "2024-11-29 15:30"),
        ("2024-11-27 21:00", "4h", 2, "2024-12-02 18:30"),
        ("2005-07-01 20:00", "1d", 1, "2005-07-05 20:00"),
    ],
)
def test_target_time_of_stock_follows_the_sessions(close, timeframe, horizon, target):
    found = target_time(utc(close), timeframe=timeframe, horizon=horizon, calendar="XNYS")

    assert found == utc(target)
    assert found.tzinfo is not None


def test_target_time_of_crypto_follows_the_clock():
    assert target_time(utc("2021-01-01 06:00"), timeframe="4h", horizon=3, calendar="24/7") == utc("2021-01-01 18:00")


@given(first=st.integers(1, 30), second=st.integers(1, 30), day=st.integers(0, 9_000))
@settings(max_examples=60, deadline=None)
def test_target_time_in_two_steps_equals_one_step(first, second, day):
    start = utc("2001-01-02 21:00") + timedelta(days=day)

    halfway = target_time(start, timeframe="1h", horizon=first, calendar="XNYS")
    found = target_time(halfway, timeframe="1h", horizon=second, calendar="XNYS")

    assert found == target_time(start, timeframe="1h", horizon=first + second, calendar="XNYS")


def test_target_time_below_one_candle_is_refused():
    with pytest.raises(InvalidRequestError, match="at least 1 candle, was 0"):
        target_time(utc("2021-01-01 06:00"), timeframe="1h", horizon=0, calendar="24/7")


@pytest.mark.parametrize("close", ["2035-12-31 20:00", "2040-01-01 00:00"])
def test_target_time_beyond_the_calendar_is_refused(close):
    with pytest.raises(InvalidRequestError, match="2035-12-31"):
        target_time(utc(close), timeframe="1d", horizon=9, calendar="XNYS")


def test_unknown_calendar_is_refused():
    with pytest.raises(InvalidRequestError, match="'XMOON' is unknown"):
        target_time(utc("2021-01-01 06:00"), timeframe="1d", horizon=1, calendar="XMOON")


def test_expected_open_times_of_crypto_start_on_the_grid():
    opens = expected_open_times(utc("2021-01-01 05:01"), utc("2021-01-01 08:00"), timeframe="1h", calendar="24/7")

    assert list(opens) == [utc("2021-01-01 06:00"), utc("2021-01-01 07:00")]


def test_expected_open_times_of_stock_equal_the_sessions_walked_by_hand():
    start, end = utc("2024-11-20 15:00"), utc("2024-12-05 16:00")
    schedule = schedule_of_new_york()
    sessions = schedule.loc["2024-11-20":"2024-12-05"]
    walked = []
    for opened, closed in zip(sessions["open"], sessions["close"], strict=True):
        while opened < closed:
            walked += [opened] if start <= opened < end else []
            opened += pd.Timedelta(minutes=15)

    opens = expected_open_times(start, end, timeframe="15m", calendar="XNYS")

    assert list(opens) == walked


def test_expected_open_times_of_an_empty_span_are_none():
    assert len(expected_open_times(utc("2021-01-02"), utc("2021-01-02"), timeframe="1d", calendar="XNYS")) == 0
    assert len(expected_open_times(utc("2021-01-02"), utc("2021-01-01"), timeframe="1d", calendar="24/7")) == 0


def test_on_grid_refuses_opens_between_slots():
    crypto = on_grid(index("2021-01-01 05:00", "2021-01-01 05:30"), timeframe="1h", calendar="24/7")
    stock = on_grid(index("2024-11-27 15:30", "2024-11-27 15:00", "2024-11-28 15:30"), timeframe="1h", calendar="XNYS")

    assert crypto.tolist() == [True, False]
    assert stock.tolist() == [True, False, False]


def test_session_opens_of_holidays_are_missing():
    opens = session_opens(pd.DatetimeIndex(["2012-07-03", "2012-07-04"]), calendar="XNYS")

    assert opens[0] == utc("2012-07-03 13:30")
    assert pd.isna(opens[1])


def test_session_spans_hold_the_sessions_that_overlap():
    opens, closes = session_spans(utc("2024-11-27 20:00"), utc("2024-11-29 15:00"), calendar="XNYS")

    assert len(opens) == len(closes) == 2
