"""What does every indicator that charts offer say of these candles, or of one candle more?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import pandas as pd

from candlecast.errors import InvalidRequestError
from candlecast.features.indicators import Array
from candlecast.features.technical.momentum import momentum_indicators, return_indicators
from candlecast.features.technical.plan import Follower, Plan
from candlecast.features.technical.trend import trend_indicators
from candlecast.features.technical.volatility import volatility_indicators
from candlecast.features.technical.volume import volume_indicators

START_DEPENDENT = frozenset({"volume_adi", "volume_obv", "volume_vpt", "volume_nvi", "others_cr"})
"""Sums since the first candle: the same market has another value when the history starts elsewhere.
They are for charts; no model may read them."""
SLOW_TO_FORGET = frozenset(
    {
        "momentum_kama",
        "trend_psar_up",
        "trend_psar_down",
        "trend_psar_up_indicator",
        "trend_psar_down_indicator",
    }
)
"""Indicators that forget the start after as many candles as the market pleases, not after a stated number."""
WARM_UP_CANDLES = 500
"""Candles after which the start moves every other indicator by less than 1e-6 of its value or deviation."""

_SOURCES = ("high", "low", "close", "volume")


def technical_indicators(candles: pd.DataFrame, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return every indicator of `ta.add_all_ta_features`, by its name there.

    Parameters
    ----------
    candles : DataFrame
        Candles frame of n closed candles of one symbol, ascending; an unknown volume is NaN.
    names : sequence of str, optional
        Those of `indicator_names` that are wanted; None: all.

    Returns
    -------
    DataFrame
        n rows, index of `candles`, 86 float64 columns: ``volume_*``, ``volatility_*``, ``trend_*``,
        ``momentum_*``, ``others_*``, in units of the price and the volume, in percent, or as shares.
        Row i depends on rows up to i alone. NaN until an indicator has all candles that it needs,
        never filled; after `WARM_UP_CANDLES` the values are those of `ta` without ``fillna``.
        docs/indicators.md says where `ta` differs before, and from the textbook.
    """
    plan = _plan() if names is None else _plan(tuple(names))
    return pd.DataFrame(plan.batch(_sources(candles)), index=candles.index, copy=False)


def indicator_names() -> tuple[str, ...]:
    """Return the names of all indicators, in the order of the columns."""
    return tuple(_plan().columns)


class IndicatorStream:
    """The indicators of one symbol, candle by candle: the numbers of `technical_indicators` at a fraction of its cost.

    A stream cannot take a candle back: after a revision or a hole that was filled, start a new one.
    It is for one thread.

    Parameters
    ----------
    candles : DataFrame
        What was before, as for `technical_indicators`; may be empty. With fewer than
        `WARM_UP_CANDLES` the first pushes are warm-up too.
    """

    __slots__ = ("_follower", "_newest")

    def __init__(self, candles: pd.DataFrame) -> None:
        self._follower: Follower = _plan().follow(_sources(candles))
        self._newest: datetime | None = candles["open_time"].iloc[-1] if len(candles) else None

    def push(self, candle: Mapping[str, float], *, open_time: datetime) -> dict[str, float]:
        """Return the indicators at the close of one more candle.

        Parameters
        ----------
        candle : mapping of str to float
            Its ``high``, ``low``, ``close`` and ``volume`` (NaN where unknown).
        open_time : datetime
            When it opened, with a time zone.

        Returns
        -------
        dict of str to float
            What the last row of `technical_indicators` says of all candles so far, but for rounding.

        Raises
        ------
        InvalidRequestError
            When the candle does not open after the newest one; the stream stays as it was.
        """
        if self._newest is not None and open_time <= self._newest:
            raise InvalidRequestError(
                f"candle must open after {self._newest.isoformat()}, the newest one, opened at "
                f"{open_time.isoformat()}; start a new stream to change what was"
            )
        values = self._follower.push(candle)
        self._newest = open_time
        return values


def _sources(candles: pd.DataFrame) -> dict[str, Array]:
    return {name: candles[name].to_numpy(dtype="float64") for name in _SOURCES}


@lru_cache(maxsize=64)
def _plan(names: tuple[str, ...] | None = None) -> Plan:
    known = (
        volume_indicators() | volatility_indicators() | trend_indicators() | momentum_indicators() | return_indicators()
    )
    return Plan.of(known if names is None else {name: known[name] for name in names})
