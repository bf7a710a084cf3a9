"""Is one forecaster better than another, or only luckier? A paired test that allows for dependent rows."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.evaluation.metrics import Array
from candlecast.market.calendars import to_microseconds

MIN_DAYS = 30
_DAY_US = 86_400_000_000
_P_FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class PairedTest:
    """How much less the challenger loses than the champion, and how sure that is.

    Parameters
    ----------
    gain : float
        Mean of the champion's loss less the challenger's over all rows; above 0 the challenger is better.
    p_value : float
        Chance of such a gain, or a larger one, were both equally good; NaN with fewer than
        `MIN_DAYS` days or no difference at all.
    n_days, n : int
        Days and rows that were compared.
    """

    gain: float
    p_value: float
    n_days: int
    n: int


def log_losses(p_up: Array, direction: Array) -> Array:
    """Return the negative log likelihood of each row in nats, shape (n,); P is kept 1e-6 from 0 and 1."""
    p = np.clip(p_up, _P_FLOOR, 1.0 - _P_FLOOR)
    return np.asarray(-np.where(direction > 0.5, np.log(p), np.log1p(-p)), dtype=np.float64)


def paired_test(
    challenger_loss: Array, champion_loss: Array, close_times: pd.DatetimeIndex, *, lag_days: int = 1
) -> PairedTest:
    """Test one-sidedly whether the challenger loses less (Diebold and Mariano 1995, by day blocks).

    All rows of one UTC day, whatever their symbol, are one block: symbols and hours move together,
    days hardly. The variance of the blocks' sums allows for `lag_days` of dependence (Newey and
    West 1987), and the statistic is corrected for few blocks (Harvey, Leybourne and Newbold 1997).

    Parameters
    ----------
    challenger_loss, champion_loss : ndarray of shape (n,)
        Loss of the same rows, no NaN.
    close_times : DatetimeIndex of shape (n,)
        When each row's forecast was made, aware, in any order.
    lag_days : int
        Days over which outcomes overlap, at least 1: horizon in days, rounded up.
    """
    saved = champion_loss - challenger_loss
    days, place = np.unique(to_microseconds(close_times) // _DAY_US, return_inverse=True)
    blocks = np.bincount(place, weights=saved, minlength=len(days)).astype(np.float64)
    n_days, gain = len(days), float(saved.mean()) if len(saved) else math.nan
    variance = _long_run_variance(blocks, lag=min(lag_days, max(0, n_days - 1)))
    if n_days < MIN_DAYS or not variance > 0.0:
        return PairedTest(gain, math.nan, n_days, len(saved))
    steps = lag_days + 1
    few = math.sqrt(max(0.0, n_days + 1 - 2 * steps + steps * (steps - 1) / n_days) / n_days)
    statistic = few * float(blocks.mean()) / math.sqrt(variance / n_days)
    return PairedTest(gain, 1.0 - NormalDist().cdf(statistic), n_days, len(saved))


def _long_run_variance(blocks: npt.NDArray[np.float64], *, lag: int) -> float:
    centred = blocks - blocks.mean() if len(blocks) else blocks
    n = max(1, len(blocks))
    total = float(centred @ centred) / n
    for k in range(1, lag + 1):
        total += 2.0 * (1.0 - k / (lag + 1)) * float(centred[k:] @ centred[:-k]) / n
    return total
