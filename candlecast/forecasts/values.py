"""What does the path from candles to a forecast give, before it is recorded?"""

from dataclasses import dataclass
from datetime import datetime

from candlecast.schemas import Direction, Driver, Interval


@dataclass(frozen=True, slots=True)
class ForecastValues:
    """One forecast, before it is recorded.

    Parameters
    ----------
    symbol, timeframe, horizon
        What is forecast: the close `horizon` candles ahead.
    made_at, as_of, target_time : datetime
        When it was made; close of the newest candle used; close that is forecast. Aware UTC.
    last_close : float
        Close at `as_of`.
    p_up : float
        Calibrated probability that the target close is above `last_close`.
    direction : str
        ``up``, ``down`` or ``abstain``.
    abstain_reason : str or None
        Why no side is taken.
    expected_log_return : float
        ``(2 p_up - 1) x expected_volatility``.
    expected_volatility : float
        Expected absolute log return over the horizon.
    intervals : tuple of Interval
        Central intervals of the target close, one for each of `LEVELS`, around `last_close`.
    drivers : tuple of Driver
        The features that pushed the log odds most.
    features_digest : str
        SHA-256 of the float64 feature row.
    coverage_recent : float or None
        Share of the last 500 settled closes inside the 80 % interval they would have had; None
        while fewer than 50 have settled.
    """

    symbol: str
    timeframe: str
    horizon: int
    made_at: datetime
    as_of: datetime
    target_time: datetime
    last_close: float
    p_up: float
    direction: Direction
    abstain_reason: str | None
    expected_log_return: float
    expected_volatility: float
    intervals: tuple[Interval, ...]
    drivers: tuple[Driver, ...]
    features_digest: str
    coverage_recent: float | None
