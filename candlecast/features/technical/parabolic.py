"""Where does the parabolic stop-and-reverse of a trend stand?"""

import math

from candlecast.features.technical.recursions import Advance, recursion
from candlecast.features.technical.series import Series

PACE, MAX_PACE = 0.02, 0.2


def parabolic_stop(high: Series, low: Series, close: Series) -> Series:
    """Return the stop of Wilder (1978), negative while the trend is down, NaN at the first two candles.

    It is the stop of `ta`: acceleration 0.02 to 0.2; the first trend is up from the first high and the
    second close. The stop is held back by the low (high) of two candles ago, else by that of the last
    one, and only after it was checked for a reversal; Wilder takes the further of both, before the check.
    """
    return recursion("parabolic stop", (high, low, close), _start)


def _start() -> Advance:
    # a falling price is a rising one with the sign turned: then near ends are highs, and far ones lows
    falls, pace, stop, extreme, n_seen = False, PACE, math.nan, math.nan, 0
    near1 = near2 = far1 = far2 = math.nan

    def advance(high: float, low: float, close: float) -> float:
        nonlocal falls, pace, stop, extreme, n_seen, near1, near2, far1, far2
        near, far = (-high, -low) if falls else (low, high)
        last, before = near1, near2
        near2, near1 = near1, near
        far2, far1 = far1, far
        if n_seen < 2:
            n_seen, stop, extreme = n_seen + 1, close, extreme if n_seen else high
            return math.nan
        stop += pace * (extreme - stop)
        if near < stop:
            falls, pace, stop, extreme = not falls, PACE, -extreme, -near
            near1, far1 = -far1, -near1
            near2, far2 = -far2, -near2
            return stop
        if far > extreme:
            extreme, pace = far, min(pace + PACE, MAX_PACE)
        if before < stop:
            stop = before
        elif last < stop:
            stop = last
        return stop

    return advance
