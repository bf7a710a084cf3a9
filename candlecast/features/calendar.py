"""Which hour and which weekday does the forecast begin in?"""

import numpy as np

from candlecast.features.indicators import Columns
from candlecast.market.calendars import Microseconds

_DAY_US = 86_400_000_000
_LONG_CANDLE_US = _DAY_US // 4


def calendar_terms(open_us: Microseconds, close_us: Microseconds) -> Columns:
    """Return the place of each close in the UTC day and week, on circles.

    Parameters
    ----------
    open_us, close_us : ndarray of shape (n,), int64
        When each candle opened and closed, microseconds since 1970.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        `hour_sin`, `hour_cos`, their second harmonics, `week_sin`, `week_cos`, in -1 to 1. The
        hour is NaN for candles longer than six hours, which have none.
    """
    length_us = close_us - open_us
    hour = 2.0 * np.pi * (close_us % _DAY_US) / _DAY_US
    hour[length_us > _LONG_CANDLE_US] = np.nan
    week = 2.0 * np.pi * (close_us % (7 * _DAY_US)) / (7 * _DAY_US)
    return {
        "hour_sin": np.sin(hour),
        "hour_cos": np.cos(hour),
        "hour_sin_2": np.sin(2.0 * hour),
        "hour_cos_2": np.cos(2.0 * hour),
        "week_sin": np.sin(week),
        "week_cos": np.cos(week),
    }
