"""How are numbers written for a reader? Prices, moves, times and waits as short text."""

import math
from datetime import datetime

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400
_TIMEFRAME_WORDS = {
    "1m": "minute",
    "5m": "5 minutes",
    "15m": "15 minutes",
    "1h": "hour",
    "4h": "4 hours",
    "1d": "day",
}


def price(value: float) -> str:
    """Write a price with thousands marked and the digits that its size deserves."""
    size = abs(value)
    if size >= 10:
        return f"{value:,.2f}"
    return f"{value:.4f}" if size >= 1 else f"{value:.4g}"


def signed(value: float, *, digits: int = 2) -> str:
    """Write a number with its sign, a real minus sign, and no sign for what rounds to zero."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def move_pct(log_return: float) -> str:
    """Write a log return as the simple return that it stands for, in percent."""
    return f"{signed(100 * math.expm1(log_return))} %"


def share_pct(share: float, *, digits: int = 1) -> str:
    """Write a share from 0 to 1 in percent."""
    return f"{100 * share:.{digits}f} %"


def moment(when: datetime) -> str:
    """Write a time to the minute, UTC."""
    return f"{when.day} {when:%b %Y %H:%M} UTC"


def wait(seconds: float) -> str:
    """Write a length of time by its two largest units."""
    whole_s = max(0, int(seconds))
    if whole_s < _MINUTE_S:
        return f"{whole_s} s"
    if whole_s < _HOUR_S:
        return f"{whole_s // _MINUTE_S} min"
    if whole_s < _DAY_S:
        return f"{whole_s // _HOUR_S} h {whole_s % _HOUR_S // _MINUTE_S:02d} min"
    return f"{whole_s // _DAY_S} d {whole_s % _DAY_S // _HOUR_S} h"


def horizon_words(timeframe: str, horizon: int) -> str:
    """Name the time that a forecast covers, as "Next hour" or "Next 6 × 1h"."""
    if horizon == 1:
        return f"Next {_TIMEFRAME_WORDS.get(timeframe, timeframe)}"
    return f"Next {horizon} × {timeframe}"
