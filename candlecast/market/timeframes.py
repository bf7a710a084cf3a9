"""How long is a candle?"""

from difflib import get_close_matches

from candlecast.errors import InvalidRequestError

TIMEFRAMES_S: dict[str, int] = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "4h": 14_400, "1d": 86_400}


def timeframe_s(timeframe: str) -> int:
    """Return the length of `timeframe` in seconds.

    Raises
    ------
    InvalidRequestError
        When `timeframe` is none of `TIMEFRAMES_S`; the message lists them.
    """
    if timeframe not in TIMEFRAMES_S:
        near = get_close_matches(timeframe, TIMEFRAMES_S, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InvalidRequestError(f"timeframe must be one of {', '.join(TIMEFRAMES_S)}, was {timeframe[:20]!r}{hint}")
    return TIMEFRAMES_S[timeframe]
