"""Does a feature know the future? Checks that fail when it does."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from candlecast.evaluation.metrics import Array, auc

Panel = Mapping[str, pd.DataFrame]
Builder = Callable[[pd.DataFrame], pd.DataFrame]
PanelBuilder = Callable[[Panel], Panel]
"""From candles of each symbol to its feature table, one row a candle."""
Forecaster = Callable[[Array, Array, Array], Array]
"""From train features, train direction and test features to P(up) of the test rows."""


def prefix_leaks(build: Builder, candles: pd.DataFrame, *, rows: Sequence[int]) -> dict[str, float]:
    """Recompute rows from history cut right after them: a difference means a look ahead.

    Parameters
    ----------
    build : callable
        Candles frame to feature table.
    candles : DataFrame
        Full history.
    rows : sequence of int
        Row numbers to check.

    Returns
    -------
    dict of str to float
        Worst absolute difference of each feature that differs at all (infinite where only one side
        is NaN); empty when no feature leaks.
    """
    full = build(candles)
    pairs = [(build(candles.iloc[: row + 1]).iloc[-1], full.iloc[row]) for row in rows]
    return _worst(pairs, allowed=pd.Series(0.0, index=full.columns))


def window_leaks(
    build: Builder, candles: pd.DataFrame, *, rows: Sequence[int], window_candles: int, tolerance: float = 1e-6
) -> dict[str, float]:
    """Recompute rows from their last `window_candles` candles: a difference means they depend on the start.

    Parameters
    ----------
    build : callable
        Candles frame to feature table.
    candles : DataFrame
        Full history.
    rows : sequence of int
        Row numbers to check, each at least ``window_candles - 1``.
    window_candles : int
        Candles that must suffice.
    tolerance : float
        Allowed difference, as a share of the value or of the column's deviation, the larger one.

    Returns
    -------
    dict of str to float
        Worst absolute difference of each feature beyond the tolerance; empty when all are invariant.
    """
    full = build(candles)
    pairs = [(build(candles.iloc[row + 1 - window_candles : row + 1]).iloc[-1], full.iloc[row]) for row in rows]
    return _worst(pairs, allowed=tolerance * full.std().fillna(0.0), relative=tolerance)


def panel_leaks(
    build: PanelBuilder, panel: Panel, *, moments: Sequence[pd.Timestamp], window_candles: int | None = None
) -> dict[str, float]:
    """Recompute the newest row of every symbol from a panel that is cut, all symbols at the same moment.

    Features that read other symbols can leak through them: a symbol's own history is not enough.

    Parameters
    ----------
    build : callable
        Candles of all symbols to their feature tables.
    panel : mapping of str to DataFrame
        Full history.
    moments : sequence of Timestamp
        Closes after which nothing is known.
    window_candles : int or None
        None: everything before the moment is kept, and rows must be equal (prefix invariance). Else
        only so many candles of each symbol are, and rows must agree within 1e-6 of the value or of
        the column's deviation (window invariance); symbols with fewer are passed over.

    Returns
    -------
    dict of str to float
        Worst absolute difference of each feature that differs; empty when all are invariant.
    """
    full, worst = build(panel), dict[str, float]()
    tolerance = 0.0 if window_candles is None else 1e-6
    for moment in moments:
        known = {name: candles[candles["close_time"] <= moment] for name, candles in panel.items()}
        kept = {name: candles for name, candles in known.items() if len(candles) >= (window_candles or 1)}
        again = build({name: candles.iloc[-(window_candles or len(candles)) :] for name, candles in kept.items()})
        for name, table in again.items():
            pair = (table.iloc[-1], full[name].iloc[len(kept[name]) - 1])
            allowed = tolerance * full[name].std().fillna(0.0)
            for feature, gap in _worst([pair], allowed=allowed, relative=tolerance).items():
                worst[feature] = max(worst.get(feature, 0.0), gap)
    return worst


def shuffled_label_auc(forecast: Forecaster, features: Array, direction: Array, *, n_train: int, seed: int) -> float:
    """Return the test AUC of a forecaster that was taught shuffled labels: chance is 0.5.

    Parameters
    ----------
    forecast : callable
        The whole recipe under test.
    features : ndarray of shape (n, k)
        Rows ascending in time.
    direction : ndarray of shape (n,)
        True labels; only training labels are shuffled.
    n_train : int
        Rows to learn from, the rest is tested.
    seed : int
        Seed of the shuffle.
    """
    shuffled = np.random.default_rng(seed).permutation(direction[:n_train])
    return auc(forecast(features[:n_train], shuffled, features[n_train:]), direction[n_train:])


def canary_auc(forecast: Forecaster, features: Array, direction: Array, *, n_train: int) -> float:
    """Return the test AUC of a forecaster that is handed the label as one more feature.

    A pipeline that stays near 0.5 here could not show a leak either: its checks prove nothing.
    Parameters as in `shuffled_label_auc`.
    """
    leaking = np.column_stack([features, direction])
    return auc(forecast(leaking[:n_train], direction[:n_train], leaking[n_train:]), direction[n_train:])


def _worst(
    pairs: Sequence[tuple[pd.Series, pd.Series]], *, allowed: pd.Series, relative: float = 0.0
) -> dict[str, float]:
    worst: dict[str, float] = {}
    for again, full in pairs:
        gap = (again - full).abs().where(again.notna() & full.notna(), np.inf)
        gap = gap.mask(again.isna() & full.isna(), 0.0)
        bound = np.maximum(allowed, relative * full.abs().fillna(0.0))
        for name, value in gap[gap > bound].items():
            worst[str(name)] = max(worst.get(str(name), 0.0), float(value))
    return worst
