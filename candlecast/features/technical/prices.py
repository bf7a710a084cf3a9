"""Which quantities of a candle do several indicators use?"""

from candlecast.features.technical.maps import log
from candlecast.features.technical.series import Series, larger, source
from candlecast.features.technical.windows import change, earlier, highest, lowest

HIGH, LOW, CLOSE, VOLUME = source("high"), source("low"), source("close"), source("volume")
HEIGHT = HIGH - LOW
TYPICAL = (HIGH + LOW + CLOSE) / 3.0
LAST_CLOSE = earlier(CLOSE)
TRUE_RANGE = larger(HIGH, LAST_CLOSE) + larger(-LOW, -LAST_CLOSE)
SIMPLE_RETURN = CLOSE / LAST_CLOSE - 1.0
LOG_RETURN = change(log(CLOSE))


def place_in_range(of: Series, n: int) -> Series:
    """Return where the newest value stands between the lowest (0) and the highest (1) of the last `n`."""
    bottom = lowest(of, n)
    return (of - bottom) / (highest(of, n) - bottom)
