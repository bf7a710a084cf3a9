"""Which way will the close go? Boosted trees on the feature table."""

from collections.abc import Mapping
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from candlecast.errors import InvalidRequestError

Features = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

DEFAULT_PARAMS: dict[str, float] = {
    "rounds": 60,
    "learning_rate": 0.08,
    "max_depth": 5,
    "min_child_weight": 50,
    "subsample": 0.5,
    "colsample_bytree": 0.5,
    "reg_lambda": 5.0,
    "gamma": 0.0,
    "max_bin": 64,
}
CUT_ROWS = 40_000
_WHOLE = ("rounds", "max_depth", "max_bin")


def resolve_params(params: Mapping[str, float]) -> dict[str, float]:
    """Return `DEFAULT_PARAMS` with `params` over them, whole numbers as int.

    Raises
    ------
    InvalidRequestError
        When a name is unknown; the message names a near one.
    """
    for name in params:
        if name not in DEFAULT_PARAMS:
            near = get_close_matches(name, DEFAULT_PARAMS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"use one of {', '.join(DEFAULT_PARAMS)}"
            raise InvalidRequestError(f"model parameter {name!r} is unknown; {hint}")
    merged = DEFAULT_PARAMS | dict(params)
    return {name: int(value) if name in _WHOLE else float(value) for name, value in merged.items()}


def learner_settings(params: Mapping[str, float], *, seed: int, nthread: int) -> dict[str, float | str]:
    """Return what XGBoost needs beside the data: `params` without rounds, objective, seed, threads."""
    chosen: dict[str, float | str] = {name: value for name, value in resolve_params(params).items() if name != "rounds"}
    return chosen | {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "base_score": 0.5,
        "seed": seed,
        "nthread": nthread,
        "verbosity": 0,
    }


def fit_booster(
    features: Features, direction: Array, *, settings: Mapping[str, float | str], rounds: int
) -> xgb.Booster:
    """Fit boosted trees.

    Parameters
    ----------
    features : ndarray of shape (n, k), float32
        Rows of the feature table; NaN is a value of its own.
    direction : ndarray of shape (n,)
        1 up, 0 down, no NaN.
    settings : mapping
        From `learner_settings`.
    rounds : int
        Number of trees.

    Returns
    -------
    xgboost.Booster
        The same for the same input, seed and threads.
    """
    data = binned(features, direction, settings=settings)
    return xgb.train(dict(settings), data, num_boost_round=rounds)


def binned(features: Features, direction: Array, *, settings: Mapping[str, float | str]) -> xgb.QuantileDMatrix:
    """Return training data cut into `max_bin` bins a feature.

    The cuts are quantiles of at most `CUT_ROWS` rows spread evenly over the data: sorting all of
    them would take longer than the trees.
    """
    options = {"max_bin": int(settings["max_bin"]), "nthread": int(settings["nthread"])}
    if len(features) <= CUT_ROWS:
        return xgb.QuantileDMatrix(features, direction, **options)
    spread = np.linspace(0, len(features) - 1, CUT_ROWS).astype(np.int64)
    return xgb.QuantileDMatrix(features, direction, ref=xgb.QuantileDMatrix(features[spread], **options), **options)


def margins(booster: xgb.Booster, features: Features) -> Array:
    """Return the uncalibrated log odds of up, shape (n,); safe to call from many threads."""
    return np.asarray(booster.inplace_predict(features, predict_type="margin"), dtype=np.float64)
