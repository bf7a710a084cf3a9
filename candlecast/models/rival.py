"""What would a model made another way have said of the same rows? For a fair comparison on the same folds."""

from collections.abc import Sequence

import numpy as np

from candlecast.evaluation.walk_forward import Fold
from candlecast.models.blocks import of_symbols, with_features
from candlecast.models.estimators import Array
from candlecast.models.fitting import TrainingConfig, calibrate, fit_estimator, slices
from candlecast.models.rows import PanelRows


def rival_p_up(
    rows: PanelRows, *, fold: Fold, config: TrainingConfig, symbols: Sequence[str], feature_names: Sequence[str]
) -> Array:
    """Fit the other recipe on the training part of a fold and return its P(up) of the test part.

    Parameters
    ----------
    rows : PanelRows
        All rows.
    fold : Fold
        As the challenger has it.
    config : TrainingConfig
        Algorithm and parameters of the other recipe.
    symbols, feature_names : sequence of str
        What the other recipe learns from; among those of `rows`.

    Returns
    -------
    ndarray of shape (n,)
        One value for each test row of a known direction; NaN for other symbols.
    """
    known = with_features(rows, feature_names)
    train = of_symbols(known, known.known(fold.train), symbols)
    old, new = slices(known, train=train, config=config)
    estimator = fit_estimator(known, train=old, config=config)
    calibration = calibrate(known, estimator, newest=new, horizon=config.horizon)
    test = known.known(fold.test)
    theirs = np.isin(test, of_symbols(known, test, symbols))
    p_up = np.full(len(test), np.nan)
    p_up[theirs] = calibration.p_up(estimator.margins(known.features[test[theirs]]))
    return p_up
