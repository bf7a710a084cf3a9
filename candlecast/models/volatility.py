"""How far does the price usually move? A regression on past ranges, and trees on what it leaves over.

The regression (HAR, Corsi 2009, with the hour) holds where no training row was; boosted trees add
what it cannot say: wide candles near a low, an hour that matters only when volume is high. They
learn the log of the Garman-Klass volatility ahead, which is far less noisy than a squared return.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from candlecast.evaluation.baselines import HAR_TERMS, HarRegression
from candlecast.features.table import FEATURE_NAMES
from candlecast.models.estimators import Array, BoostedTrees, Features, fit_booster

DESIGN = (*HAR_TERMS, "hour_sin", "hour_cos", "hour_sin_2", "hour_cos_2", "week_sin", "week_cos")
OWN_FEATURES = (
    *DESIGN,
    *("typical_vol_4", "typical_vol_24", "typical_vol_168"),
    *("high_gap_24", "low_gap_24", "high_gap_168", "low_gap_168", "natr_14", "bb_width_20"),
    *("scaled_return_1", "scaled_return_24", "scaled_return_72", "scaled_return_168"),
    *("willr_28", "stoch_k_14", "aroon_25", "adx_14", "di_balance_14", "bop", "lower_wick"),
    *("trix_15", "ppo_12_26", "macd_hist", "ema_gap_21", "ema_gap_50"),
    *("volume_surprise_24", "volume_surprise_168", "cmf_20", "obv_change_14"),
)
MAX_ROWS = 200_000
ROUNDS = 80
TREE_SETTINGS: dict[str, float | str] = {
    "learning_rate": 0.1,
    "max_depth": 6,
    "subsample": 0.5,
    "colsample_bytree": 0.5,
    "max_bin": 64,
    "objective": "reg:squarederror",
    "tree_method": "hist",
    "base_score": 0.0,
    "verbosity": 0,
}
_LEAF_ROWS, _LEAF_PRIOR = 100, 50.0
_DESIGN_PLACES = np.array([FEATURE_NAMES.index(name) for name in DESIGN])
_OWN_PLACES = np.array([FEATURE_NAMES.index(name) for name in OWN_FEATURES])
_SPREADS = np.linspace(0.3, 1.0, 29)
_SPREAD_LEVEL, _SPREAD_PRIOR, _SPREAD_ROWS = 0.85, 20.0, 20_000


@dataclass(frozen=True, slots=True)
class Effort:
    """How much the trees may cost.

    Parameters
    ----------
    max_rows : int
        Rows, spread evenly, that they learn from; fewer take less time.
    seed, nthread : int
        Same data, seed and threads give the same trees.
    """

    max_rows: int = MAX_ROWS
    seed: int = 0
    nthread: int = 1


@dataclass(frozen=True, slots=True)
class Volatility:
    """Scale of the log return over the horizon; safe to call from many threads.

    Parameters
    ----------
    horizon : int
        Candles ahead.
    har : HarRegression
        Log volatility of one candle from the columns `DESIGN`.
    trees : BoostedTrees
        What to add to it, from the columns `OWN_FEATURES`.
    centre, spread : float
        The sum is drawn towards `centre`: its distance from there is multiplied by `spread`.
    """

    horizon: int
    har: HarRegression
    trees: BoostedTrees
    centre: float
    spread: float

    @classmethod
    def fit(
        cls,
        features: Features,
        *,
        range_volatility: Array,
        log_return: Array,
        horizon: int,
        effort: Effort | None = None,
    ) -> Self:
        """Fit the regression by least squares, the trees on its residual, then the spread.

        Large moves differ less between quiet and wild times than ranges do: the spread is the slope
        on the log volatility of the 85 % quantile of the log absolute return (Koenker & Bassett
        1978), at most 1, so that both times are covered alike.

        Parameters
        ----------
        features : ndarray of shape (n, at least len(FEATURE_NAMES)), float32
            Rows of the feature table; only own columns of the symbol are read.
        range_volatility : ndarray of shape (n,)
            Target of the same name; rows with NaN are left out.
        log_return : ndarray of shape (n,)
            Target of the same name; rows with NaN or 0 are left out of the spread.
        horizon : int
            Candles ahead.
        effort : Effort or None
            What the trees may cost; None: the defaults.
        """
        effort = effort or Effort()
        known = np.flatnonzero(np.isfinite(range_volatility))
        har = HarRegression.fit(_design(features[known]), range_volatility[known])
        some = known[np.linspace(0, len(known) - 1, min(effort.max_rows, len(known))).astype(np.int64)]
        residual = range_volatility[some] - har.log_volatility(_design(features[some]))
        settings = _tree_settings(effort, horizon=horizon)
        trees = BoostedTrees(fit_booster(own_features(features[some]), residual, settings=settings, rounds=ROUNDS))
        plain = cls(horizon, har, trees, 0.0, 1.0).log_volatility(features[some])
        return cls(horizon, har, trees, float(plain.mean()), _spread(plain, log_return[some], horizon=horizon))

    def log_volatility(self, features: npt.NDArray[np.floating]) -> Array:
        """Return the log of the expected volatility of one candle ahead, shape (n,); NaN in warm-up."""
        plain = self.har.log_volatility(_design(features)) + self.trees.margins(own_features(features))
        return np.asarray(self.centre + self.spread * (plain - self.centre), dtype=np.float64)

    def sigma(self, features: npt.NDArray[np.floating]) -> Array:
        """Return the expected scale of the log return over the horizon, shape (n,); NaN in warm-up."""
        return np.asarray(np.exp(self.log_volatility(features)) * np.sqrt(self.horizon), dtype=np.float64)

    def numbers(self) -> dict[str, Any]:
        """Return all but the trees, ready for JSON; the trees are kept by ``trees.dump()``."""
        return {
            "horizon": self.horizon,
            "intercept": self.har.intercept,
            "coefficients": list(self.har.coefficients),
            "centre": self.centre,
            "spread": self.spread,
        }

    @classmethod
    def load(cls, numbers: dict[str, Any], trees: bytes) -> Self:
        """Read what `numbers` and ``trees.dump()`` gave."""
        har = HarRegression(numbers["intercept"], tuple(numbers["coefficients"]))
        return cls(numbers["horizon"], har, BoostedTrees.load(trees), numbers["centre"], numbers["spread"])


def _tree_settings(effort: Effort, *, horizon: int) -> dict[str, float | str]:
    # Rows that share an outcome count as one: a leaf needs more of them as the horizon grows.
    held = {"min_child_weight": _LEAF_ROWS * horizon, "reg_lambda": _LEAF_PRIOR * horizon}
    return TREE_SETTINGS | held | {"seed": effort.seed, "nthread": effort.nthread}


def _design(features: npt.NDArray[np.floating]) -> Array:
    terms = features[:, _DESIGN_PLACES].astype(np.float64)
    # Only the hour may be missing: candles of a day have none.
    terms[:, len(HAR_TERMS) :] = np.nan_to_num(terms[:, len(HAR_TERMS) :])
    return terms


def own_features(features: npt.NDArray[np.floating]) -> Features:
    """Return the columns `OWN_FEATURES`, shape (n, len(OWN_FEATURES)), float32, of rows of the feature table."""
    return np.ascontiguousarray(features[:, _OWN_PLACES], dtype=np.float32)


def _spread(log_sigma: Array, log_return: Array, *, horizon: int) -> float:
    known = np.flatnonzero(np.isfinite(log_return) & np.isfinite(log_sigma) & (log_return != 0.0))
    if not len(known):
        return 1.0
    # Overlapping outcomes tell less: the pull towards 1 grows with the horizon.
    pull = _SPREAD_PRIOR * horizon / len(known)
    known = known[:: -(-len(known) // _SPREAD_ROWS)]
    size, wanted = np.log(np.abs(log_return[known])), log_sigma[known] - log_sigma[known].mean()
    losses = [_tail_loss(size - spread * wanted) + pull * (1.0 - spread) ** 2 for spread in _SPREADS]
    return float(_SPREADS[int(np.argmin(losses))])


def _tail_loss(values: Array) -> float:
    above = values - np.quantile(values, _SPREAD_LEVEL)
    return float(np.maximum(_SPREAD_LEVEL * above, (_SPREAD_LEVEL - 1.0) * above).mean())
