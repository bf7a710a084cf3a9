"""How good is a forecast? Numbers for direction, probability, interval and volatility."""

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]

_Z_95 = NormalDist().inv_cdf(0.975)
_P_FLOOR = 1e-6


def wilson_interval(hits: int, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share of `hits` in `n`; (0, 1) when n is 0 (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = hits / n, _Z_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = _Z_95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return centre - reach, centre + reach


def auc(score: Array, direction: Array) -> float:
    """Return the area under the ROC curve by mean ranks (ties count half); NaN with one class only."""
    ups = direction > 0.5
    n_up, n_down = int(ups.sum()), int((~ups).sum())
    if n_up == 0 or n_down == 0:
        return math.nan
    ranks = pd.Series(score).rank().to_numpy()
    return float((ranks[ups].sum() - n_up * (n_up + 1) / 2) / (n_up * n_down))


def spearman(left: Array, right: Array) -> float:
    """Return the rank correlation of the rows where both are finite; NaN when one is constant."""
    both = np.isfinite(left) & np.isfinite(right)
    frame = pd.DataFrame({"left": left[both], "right": right[both]}).rank()
    return float(frame["left"].corr(frame["right"]))


def reliability(p_up: Array, direction: Array, *, n_bins: int = 10) -> pd.DataFrame:
    """Return what was promised and what happened, in bins of equal count.

    Parameters
    ----------
    p_up : ndarray of shape (n,)
        Probability of up, 0 to 1, no NaN.
    direction : ndarray of shape (n,)
        1 up, 0 down, no NaN.
    n_bins : int
        Bins; fewer when there are fewer rows.

    Returns
    -------
    DataFrame
        One row a bin, ascending: `n`, `promised` (mean P(up)), `happened` (share of ups) and its 95 %
        Wilson bounds `low` and `high`.
    """
    order = np.argsort(p_up, kind="stable")
    bins = [part for part in np.array_split(order, n_bins) if len(part)]
    rows = [
        {
            "n": len(part),
            "promised": _mean(p_up[part]),
            "happened": _mean(direction[part]),
            **dict(zip(("low", "high"), wilson_interval(int((direction[part] > 0.5).sum()), len(part)), strict=True)),
        }
        for part in bins
    ]
    return pd.DataFrame(rows, columns=["n", "promised", "happened", "low", "high"])


def calibration_error(p_up: Array, direction: Array, *, n_bins: int = 10) -> float:
    """Return the expected calibration error over `n_bins` bins of equal count, 0 is perfect."""
    bins = reliability(p_up, direction, n_bins=n_bins)
    gaps = (bins["promised"] - bins["happened"]).abs()
    return float((bins["n"] * gaps).sum()) / max(1, len(p_up))


def direction_metrics(p_up: Array, direction: Array) -> dict[str, float]:
    """Return all direction and probability metrics of one set of rows.

    Parameters
    ----------
    p_up : ndarray of shape (n,)
        Probability of up, 0 to 1, no NaN.
    direction : ndarray of shape (n,)
        1 up, 0 down, no NaN.

    Returns
    -------
    dict of str to float
        n, accuracy with its 95 % Wilson bounds, majority_share, balanced_accuracy, auc, brier,
        log_loss (nats), calibration_error, top_decile_accuracy. NaN where undefined.
    """
    n, called = len(p_up), p_up > 0.5
    hit, up = called == (direction > 0.5), direction > 0.5
    low, high = wilson_interval(int(hit.sum()), n)
    return {
        "n": float(n),
        "accuracy": _mean(hit),
        "accuracy_low": low,
        "accuracy_high": high,
        "majority_share": max(_mean(up), 1 - _mean(up)),
        "balanced_accuracy": 0.5 * (_mean(hit[up]) + _mean(hit[~up])),
        "auc": auc(p_up, direction),
        "brier": _mean((p_up - direction) ** 2),
        "log_loss": log_loss(p_up, direction),
        "calibration_error": calibration_error(p_up, direction),
        "top_decile_accuracy": _mean(hit[most_certain(p_up)]),
    }


def log_loss(p_up: Array, direction: Array) -> float:
    """Return the mean negative log likelihood in nats; probabilities are kept 1e-6 from 0 and 1."""
    p = clipped(p_up)
    return -_mean(direction * np.log(p) + (1 - direction) * np.log1p(-p))


def clipped(p_up: Array) -> Array:
    """Return probabilities kept 1e-6 from 0 and 1, shape (n,): no single call may cost without bound."""
    return np.asarray(np.clip(p_up, _P_FLOOR, 1 - _P_FLOOR), dtype=np.float64)


def most_certain(p_up: Array) -> npt.NDArray[np.int64]:
    """Return the rows of the tenth of forecasts that lie farthest from one half, the surest first; at least one."""
    return np.argsort(-np.abs(p_up - 0.5), kind="stable")[: max(1, len(p_up) // 10)]


def interval_metrics(log_return: Array, half_width: Array, *, level: float) -> dict[str, float]:
    """Return how a central interval of the log return did.

    Parameters
    ----------
    log_return : ndarray of shape (n,)
        What happened; rows with NaN are left out.
    half_width : ndarray of shape (n,)
        Half the interval's width, in log returns; rows with NaN are left out.
    level : float
        Share that the interval promises to hold, in (0, 1).

    Returns
    -------
    dict of str to float
        n, coverage, mean width and Winkler score (lower is better; Winkler 1972), in log returns.
    """
    known = np.isfinite(log_return) & np.isfinite(half_width)
    return {
        "n": float(known.sum()),
        "coverage": _mean(np.abs(log_return[known]) <= half_width[known]),
        "width": _mean(2.0 * half_width[known]),
        "winkler": _mean(winkler_scores(log_return[known], half_width[known], level=level)),
    }


def winkler_scores(log_return: Array, half_width: Array, *, level: float) -> Array:
    """Return the Winkler score of each central interval, shape (n,); NaN where either side is unknown."""
    miss = np.maximum(np.abs(log_return) - half_width, 0.0)
    return np.asarray(2.0 * half_width + 2.0 / (1.0 - level) * miss, dtype=np.float64)


def _mean(values: npt.NDArray[np.float64] | npt.NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else math.nan
