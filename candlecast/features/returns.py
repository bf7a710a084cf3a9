"""How far did the price move, counted in its own volatility, and what does its own past repeat?"""

from collections.abc import Sequence

import numpy as np

from candlecast.features.indicators import Array, Columns, rolling_mean

RETURN_CANDLES = (1, 2, 3, 6, 12, 24, 72, 168)
LAG_CANDLES = (1, 2, 3)
CYCLE_CANDLES = 24
STILL_CANDLES = 168
_CYCLES = 5


def scaled_returns(close: Array, log_volatility: Array, *, spans: Sequence[int] = RETURN_CANDLES) -> Columns:
    """Return log returns in units of what the newest day's volatility lets expect.

    Parameters
    ----------
    close : ndarray of shape (n,)
        Closes above 0, ascending in time.
    log_volatility : ndarray of shape (n,)
        Log of the volatility of one candle, NaN during its warm-up.
    spans : sequence of int
        Candles back.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        ``scaled_return_k``: ``ln(C / C[-k]) / (volatility * sqrt(k))``; NaN during warm-up.
    """
    price, volatility = np.log(close), np.exp(log_volatility)
    return {f"scaled_return_{k}": (price - lagged(price, k)) / (volatility * np.sqrt(k)) for k in spans}


def memory_terms(close: Array, scaled_return: Array) -> Columns:
    """Return what the last candles, and the same hour of the last days, did.

    Parameters
    ----------
    close : ndarray of shape (n,)
        Closes, ascending in time.
    scaled_return : ndarray of shape (n,)
        ``scaled_return_1``.

    Returns
    -------
    dict of str to ndarray of shape (n,)
        ``lagged_return_k``: scaled return of the candle k before. `cycle_return_1`: of the candle
        that lies `CYCLE_CANDLES` before the one to come (yesterday's, for hours), `cycle_return_5`
        its mean over five cycles (Heston & Sadka 2008 found that such returns repeat).
        `still_share_168`: share of the last 168 candles that closed where the one before did, 0 to
        1: a coarse tick makes ties, which count as down. NaN during warm-up.
    """
    columns = {f"lagged_return_{k}": lagged(scaled_return, k) for k in LAG_CANDLES}
    cycles = [lagged(scaled_return, n * CYCLE_CANDLES - 1) for n in range(1, _CYCLES + 1)]
    moves = close - lagged(close, 1)
    still = np.where(np.isfinite(moves), (moves == 0.0).astype(np.float64), np.nan)
    return columns | {
        "cycle_return_1": cycles[0],
        "cycle_return_5": np.asarray(np.mean(cycles, axis=0), dtype=np.float64),
        "still_share_168": rolling_mean(still, n=STILL_CANDLES),
    }


def lagged(values: Array, n: int) -> Array:
    """Return the values `n` rows before along the last axis, NaN in the first `n` rows."""
    shifted = np.full_like(values, np.nan)
    shifted[..., n:] = values[..., : max(0, values.shape[-1] - n)]
    return shifted
