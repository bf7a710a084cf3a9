"""How many forecasts were recorded, and how long after their candles? Counted once a batch, for metrics."""

from collections import Counter
from collections.abc import Sequence

from candlecast.schemas import Forecast
from candlecast.telemetry.meters import FORECAST_LAG_S, FORECASTS


def count_recorded(recorded: Sequence[Forecast], *, seen: Sequence[bool]) -> None:
    """Count one batch, and the longest time from a candle's close to its forecast.

    Parameters
    ----------
    recorded : sequence of Forecast
        Those that were new to the ledger.
    seen : sequence of bool
        Of each, whether users see it: those of challengers they do not.
    """
    scopes = Counter((one.timeframe, one.horizon, is_seen) for one, is_seen in zip(recorded, seen, strict=True))
    for (timeframe, horizon, is_seen), n in scopes.items():
        FORECASTS.labels(timeframe, horizon, "yes" if is_seen else "no").inc(n)
    if recorded:
        FORECAST_LAG_S.observe(max((one.made_at - one.as_of).total_seconds() for one in recorded))
