"""Which features carry the forecasts? By what they gave the fit, and by what is lost without them."""

from collections.abc import Sequence

import numpy as np

from candlecast.evaluation.metrics import log_loss
from candlecast.models.direction import DirectionModel
from candlecast.models.estimators import Array
from candlecast.models.rows import PanelRows, RowNumbers

MAX_ROWS = 4_000


def gain_importance(model: DirectionModel) -> dict[str, float]:
    """Return each feature's share of what the fit gained, the largest first; they sum to 1, or are all 0."""
    return _named(model.facts.feature_names, model.estimator.gain())


def permutation_importance(model: DirectionModel, rows: PanelRows, test: RowNumbers, *, seed: int) -> Array:
    """Return how much log loss rises when a feature's values change places (Breiman 2001).

    Parameters
    ----------
    model : DirectionModel
        Fitted on rows before `test`.
    rows : PanelRows
        All rows.
    test : ndarray of int64
        Rows to judge on, of a known direction; at most `MAX_ROWS` of them, spread evenly, are used.
    seed : int
        Of the change of places, the same for every feature.

    Returns
    -------
    ndarray of shape (k,)
        Nats, in the order of ``rows.feature_names``; about 0 for a feature that does not matter,
        and for one whose work another can do.
    """
    chosen = test[np.linspace(0, len(test) - 1, min(len(test), MAX_ROWS)).astype(np.int64)]
    features, direction = rows.features[chosen], rows.direction[chosen]
    other = np.random.default_rng(seed).permutation(len(chosen))
    whole = log_loss(model.p_up(features), direction)
    rise = np.zeros(features.shape[1])
    for place in range(features.shape[1]):
        kept = features[:, place].copy()
        features[:, place] = kept[other]
        rise[place] = log_loss(model.p_up(features), direction) - whole
        features[:, place] = kept
    return rise


def mean_importance(names: Sequence[str], parts: Sequence[Array]) -> dict[str, float]:
    """Return the mean of `permutation_importance` over folds, the largest first."""
    return _named(names, np.mean(parts, axis=0))


def _named(names: Sequence[str], values: Array) -> dict[str, float]:
    order = np.argsort(-values, kind="stable")
    return {names[place]: float(values[place]) for place in order}
