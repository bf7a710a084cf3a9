from datetime import UTC, datetime

import numpy as np
import pandas as pd

from candlecast.features.calendar import calendar_terms
from candlecast.market.calendars import to_microseconds
from tests.builders import make_candles


def times_us(candles):
    return [to_microseconds(pd.DatetimeIndex(candles[name])) for name in ("open_time", "close_time")]


def test_calendar_terms_at_six_in_the_morning_are_a_quarter_circle():
    candles = make_candles(6, start=datetime(2024, 1, 1, tzinfo=UTC))

    found = calendar_terms(*times_us(candles))

    assert np.isclose(found["hour_sin"][5], 1.0)
    assert np.isclose(found["hour_cos"][5], 0.0)
    assert np.isclose(found["hour_sin_2"][5], 0.0)
    assert np.isclose(found["hour_cos_2"][5], -1.0)


def test_calendar_terms_of_daily_candles_have_no_hour():
    candles = make_candles(14, timeframe="1d")

    found = calendar_terms(*times_us(candles))

    assert np.isnan(found["hour_sin"]).all()
    assert np.allclose(found["week_sin"][:7], found["week_sin"][7:])
