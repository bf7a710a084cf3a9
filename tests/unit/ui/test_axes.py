from datetime import UTC, datetime, timedelta

from candlecast.schemas import Candle, CandlePage
from tests.fakes import make_forecast, make_wire_candles
from ui import axes


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


def test_time_axis_begins_with_the_newest_visible_candles():
    page = CandlePage(symbol="BTC/USDT", timeframe="1h", candles=make_wire_candles(300))

    axis = axes.time_axis(page, lane=True, daily=False)

    assert axis["range"] == ["2022-10-06 12:00:00", "2022-10-11 12:00:00"]
    assert axis["domain"] == [0, 0.86]


def test_lane_of_daily_candles_ends_at_the_target_day():
    forecast = make_forecast(target_time=datetime(2014, 1, 7, 21, tzinfo=UTC))

    assert axes.lane_axis(forecast, daily=True)["ticktext"] == ["Jan 7"]


def test_price_axis_of_a_standing_market_has_a_width():
    page = CandlePage(symbol="AAPL", timeframe="1d", candles=[session(6)])

    assert axes.price_axis(page, None)["range"] == [0.99, 1.01]
