"""Which forecasts should have been made and were not? Counted with the cause, never made afterwards."""

from datetime import datetime

import numpy as np

from candlecast.forecasts.path import due_time
from candlecast.market.series import CandleArrays, microseconds_of, moment_of
from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.misses import Miss

# an outage that took longer shows as a gap of the ledger
MAX_MISSES = 96
CAME_LATE = "the candle became known only after its target time"
OVERTAKEN = "a newer candle was there before the forecast was made"
TOO_LATE = "the forecaster came to it only after its target time"


def missed_since(
    candles: CandleArrays,
    *,
    since: datetime,
    series: tuple[Symbol, int],
    scope: tuple[str, int, str],
    now: datetime,
) -> list[Miss]:
    """Return the forecasts that can no longer be made, oldest first, at most the newest `MAX_MISSES`.

    They are those of all candles but the newest, and of that one when its target time has passed.

    Parameters
    ----------
    candles : CandleArrays
        Newest candles of the symbol.
    since : datetime
        Candles that had closed by then are accounted for, aware UTC.
    series : (Symbol, int)
        The symbol and its number in the database.
    scope : (str, int, str)
        Timeframe, horizon and id of the model.
    now : datetime
        Market time, aware UTC.
    """
    symbol, number = series
    timeframe, horizon, model_id = scope
    n = len(candles)
    first = max(int(np.searchsorted(candles.close_us, microseconds_of(since), side="right")), n - 1 - MAX_MISSES)
    found = []
    for place in range(first, n):
        as_of = moment_of(int(candles.close_us[place]))
        due = due_time(as_of, timeframe, horizon, symbol.calendar)
        if place < n - 1 or due <= now:
            late = moment_of(int(candles.known_us[place])) >= due
            cause = CAME_LATE if late else OVERTAKEN if place < n - 1 else TOO_LATE
            found.append(Miss(number, timeframe, horizon, model_id, as_of, due, now, cause))
    return found
