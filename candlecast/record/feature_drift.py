"""Does the model read other features than it learned from? Their distribution now against that in training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from candlecast.features.market import market_returns
from candlecast.features.table import FEATURE_NAMES, WARM_UP_CANDLES, build_features
from candlecast.market.symbols import Symbol
from candlecast.record.drift import Finding

Array = npt.NDArray[np.float64]

WINDOW_CANDLES = 500
REFERENCE_CANDLES = 6_000
MIN_WINDOWS = 4
PSI_LIMIT = 0.25
ALARM_SHARE = 0.2
_MARGIN = 1.5
_FLOOR = 1e-4
_NAMED = 3
# the clock does not drift
_CLOCK = ("hour_sin", "hour_cos", "hour_sin_2", "hour_cos_2", "week_sin", "week_cos")
WATCHED = tuple(name for name in FEATURE_NAMES if name not in _CLOCK)


@dataclass(frozen=True, slots=True)
class FeatureProfile:
    """How the features were distributed in training, and how far a window of candles may be from that.

    Features that move slowly fill a few bins in any short window, so that a fixed limit would alarm
    always: a window is compared with the worst that windows of the same length did in training.

    Parameters
    ----------
    edges : tuple of ndarray
        Inner decile bounds of each of `WATCHED`.
    shares : ndarray of shape (k, 10)
        Share of the training rows in each bin.
    limits : ndarray of shape (k,)
        PSI from which on a window is unlike training: `PSI_LIMIT`, or half as much again as the
        largest of a training window.
    """

    edges: tuple[Array, ...]
    shares: Array
    limits: Array

    @classmethod
    def of(cls, windows: Sequence[Array]) -> Self:
        """Take it from training rows.

        Parameters
        ----------
        windows : sequence of ndarray of shape (n, k)
            Rows of `feature_rows`, a window of `WINDOW_CANDLES` each, all symbols together.
        """
        rows = np.vstack(windows)
        edges = tuple(_deciles(column) for column in rows.T)
        shares = _shares(rows, edges)
        seen = np.array([stability(shares, _shares(window, edges)) for window in windows])
        return cls(edges, shares, np.maximum(PSI_LIMIT, _MARGIN * seen.max(axis=0)))

    def judge(self, window: Array) -> Finding:
        """Return whether `ALARM_SHARE` of the features lie beyond their limits in a window of rows."""
        found = stability(self.shares, _shares(window, self.edges))
        beyond = np.flatnonzero(found > self.limits)
        furthest = beyond[np.argsort(-(found / self.limits)[beyond], kind="stable")][:_NAMED]
        named = ", ".join(f"{WATCHED[place]} (PSI {found[place]:.2f})" for place in furthest)
        said = f"{len(beyond)} of {len(WATCHED)} features are distributed as in no training window"
        alarm = bool(len(beyond) >= ALARM_SHARE * len(WATCHED))
        return Finding(alarm, f"{said}{f': {named}' if named else ''}{'; train again' if alarm else ''}")


def stability(expected: Array, found: Array) -> Array:
    """Return the population stability index of each feature, shape (k,): sum of (f - e) ln(f / e) over the bins.

    Shares are kept at 1e-4 at least (Siddiqi 2006). Both of shape (k, n_bins).
    """
    e, f = np.maximum(expected, _FLOOR), np.maximum(found, _FLOOR)
    return np.asarray(((f - e) * np.log(f / e)).sum(axis=1), dtype=np.float64)


def feature_windows(panel: Mapping[str, pd.DataFrame]) -> list[Array]:
    """Return the feature rows of a panel, cut into windows of `WINDOW_CANDLES` from the newest back, oldest first.

    Parameters
    ----------
    panel : mapping of str to DataFrame
        Candles frame of each symbol, ascending; warm-up is left out, as is a window that is not whole.
        The market is made of these symbols alone.
    """
    markets = market_returns(panel)
    rows = [
        build_features(candles, market=markets.get(Symbol.parse(name).asset_class))[list(WATCHED)].to_numpy(np.float64)
        for name, candles in panel.items()
    ]
    known = [part[WARM_UP_CANDLES:] for part in rows]
    n_windows = min((len(part) // WINDOW_CANDLES for part in known), default=0)
    cuts = [(n * WINDOW_CANDLES, (n - 1) * WINDOW_CANDLES) for n in range(n_windows, 0, -1)]
    return [np.vstack([part[len(part) - first : len(part) - last] for part in known]) for first, last in cuts]


def _deciles(column: Array) -> Array:
    known = column[np.isfinite(column)]
    return np.unique(np.quantile(known, np.linspace(0.1, 0.9, 9))) if len(known) else np.zeros(0)


def _shares(rows: Array, edges: Sequence[Array]) -> Array:
    shares = np.zeros((len(edges), 10))
    for place, (column, bounds) in enumerate(zip(rows.T, edges, strict=True)):
        known = column[np.isfinite(column)]
        counts = np.bincount(np.searchsorted(bounds, known, side="right"), minlength=10)
        shares[place] = counts / max(1, len(known))
    return shares
