from datetime import UTC, datetime, timedelta

import pytest

from candlecast.schemas import Candle
from tests.fakes import make_forecast, make_wire_candles
from ui.chart import axes


def session(day, *, hour=14, hours=7):
    opened = datetime(2014, 1, day, hour, 30, tzinfo=UTC)
    return Candle(
        open_time=opened,
        close_time=opened + timedelta(hours=hours),
        open=1,
        high=1,
        low=1,
        close=1,
        volume=1,
        source="fake",
        quality="ok",
    )


def test_daily_breaks_leave_out_weekends_and_a_holiday():
    days = [session(day) for day in (2, 3, 6, 7, 9)]

    assert axes.range_breaks(days, daily=True) == [{"bounds": ["sat", "mon"]}, {"values": ["2014-01-08"]}]


def test_daily_breaks_of_a_whole_week_are_the_weekend_alone():
    assert axes.range_breaks([session(day) for day in (6, 7, 8)], daily=True) == [{"bounds": ["sat", "mon"]}]


def test_intraday_breaks_span_close_to_next_open():
    slots = [session(6, hour=19, hours=1), session(6, hour=20, hours=1), session(7, hours=1)]

    assert axes.range_breaks(slots, daily=False) == [{"bounds": ["2014-01-06 21:30:00", "2014-01-07 14:30:00"]}]


def test_position_of_a_daily_candle_is_its_day():
    assert axes.position(session(6), daily=True) == "2014-01-06"


def test_time_axis_spans_the_shown_candles_and_spares_the_lane():
    axis = axes.time_axis(make_wire_candles(120), lane=True, daily=False, anchor="y4")

    assert axis["range"] == ["2022-10-06 12:00:00", "2022-10-11 12:00:00"]
    assert (axis["domain"], axis["anchor"]) == ([0, 0.86], "y4")


@pytest.mark.parametrize(("daily", "text"), [(True, "Jan 7"), (False, "hm(2014-01-07 21:00:00)")])
def test_lane_ends_at_the_target_time(daily, text):
    forecast = make_forecast(target_time=datetime(2014, 1, 7, 21, tzinfo=UTC))

    assert axes.lane_axis(forecast, daily=daily, anchor="y")["ticktext"] == [text]


@pytest.mark.parametrize(("log", "kind"), [(False, "linear"), (True, "log")])
def test_price_axis_stands_right_of_the_lane(log, kind):
    axis = axes.price_axis([0.5, 1], anchor="x2", log=log)

    assert (axis["anchor"], axis["side"], axis["type"], axis["domain"]) == ("x2", "right", kind, [0.5, 1])
