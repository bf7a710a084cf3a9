"""Which way will the close go? Boosted trees on the feature table."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from candlecast.errors import InvalidRequestError
from candlecast.models.path_tables import path_tables

Features = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

DEFAULT_PARAMS: dict[str, float] = {
    "rounds": 400,
    # each step is taken in so many smaller ones, each a tree of its own: luck of the draw goes out of it
    "step_parts": 3,
    "learning_rate": 0.03,
    "max_depth": 6,
    "min_child_weight": 200,
    "subsample": 0.3,
    "colsample_bytree": 0.3,
    "reg_lambda": 5.0,
    "gamma": 0.0,
    "max_bin": 64,
}
WHOLE_PARAMS = ("rounds", "step_parts", "max_depth", "max_bin")
CUT_ROWS = 40_000


def resolve_params(
    params: Mapping[str, float], *, defaults: Mapping[str, float] | None = None, whole: Collection[str] = WHOLE_PARAMS
) -> dict[str, float]:
    """Return `defaults` with `params` over them, whole numbers as int.

    Parameters
    ----------
    params : mapping
        What differs from the defaults.
    defaults : mapping or None
        Every parameter that is known; None: `DEFAULT_PARAMS`.
    whole : collection of str
        Parameters that are whole numbers.

    Raises
    ------
    InvalidRequestError
        When a name is unknown, the message names a near one; or `step_parts` is below 1.
    """
    known = DEFAULT_PARAMS if defaults is None else defaults
    for name in params:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            every = ", ".join(known) or "none: it takes no parameter"
            hint = f"did you mean {near[0]}?" if near else f"use one of {every}"
            raise InvalidRequestError(f"model parameter {name!r} is unknown; {hint}")
    merged = {**known, **params}
    if merged.get("step_parts", 1) < 1:
        raise InvalidRequestError(f"step_parts must be at least 1, was {merged['step_parts']:g}; 1 takes steps whole")
    return {name: int(value) if name in whole else float(value) for name, value in merged.items()}


def learner_settings(params: Mapping[str, float], *, seed: int, nthread: int) -> dict[str, float | str]:
    """Return what XGBoost needs beside data and number of trees: the step of one tree, objective, seed, threads."""
    resolved = resolve_params(params)
    chosen: dict[str, float | str] = {name: resolved[name] for name in resolved if name not in ("rounds", "step_parts")}
    return chosen | {
        "learning_rate": resolved["learning_rate"] / resolved["step_parts"],
        "objective": "binary:logistic",
        "tree_method": "hist",
        "base_score": 0.5,
        "seed": seed,
        "nthread": nthread,
        "verbosity": 0,
    }


def n_trees(params: Mapping[str, float]) -> int:
    """Return how many trees `params` ask for: `rounds` steps of `step_parts` each."""
    resolved = resolve_params(params)
    return int(resolved["rounds"] * resolved["step_parts"])


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


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """Boosted trees as an estimator of the direction.

    Parameters
    ----------
    booster : xgboost.Booster
        Log odds of up.
    """

    booster: xgb.Booster

    @classmethod
    def fit(
        cls, features: Features, direction: Array, *, params: Mapping[str, float], seed: int, nthread: int
    ) -> "BoostedTrees":
        """Fit on rows of the feature table, see `fit_booster`."""
        settings = learner_settings(params, seed=seed, nthread=nthread)
        return cls(fit_booster(features, direction, settings=settings, rounds=n_trees(params)))

    @classmethod
    def load(cls, content: bytes) -> "BoostedTrees":
        """Read what `dump` wrote."""
        booster = xgb.Booster({"nthread": 1})
        booster.load_model(bytearray(content))
        booster.set_param({"nthread": 1})
        return cls(booster)

    def margins(self, features: Features) -> Array:
        """Return the uncalibrated log odds of up, shape (n,)."""
        return margins(self.booster, features)

    def contributions(self, features: Features) -> Array:
        """Return each feature's push on the log odds, shape (n, k) (TreeSHAP, Lundberg 2020)."""
        tables = path_tables(self.booster)
        if tables is not None:
            return tables.contributions(features)
        pushes = self.booster.predict(xgb.DMatrix(features, nthread=1), pred_contribs=True)
        return np.asarray(pushes[:, :-1], dtype=np.float64)

    def gain(self) -> Array:
        """Return each feature's share of the loss that all splits saved, shape (k,)."""
        told = self.booster.get_score(importance_type="total_gain")
        gain = np.array([told.get(f"f{place}", 0.0) for place in range(self.booster.num_features())])
        return gain / (gain.sum() or 1.0)

    def dump(self) -> bytes:
        """Return the trees in XGBoost's UBJ format."""
        return bytes(self.booster.save_raw("ubj"))
