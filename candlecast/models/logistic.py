"""Which way will the close go? Logistic regression on the standardised feature table."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from candlecast.models.estimators import Array, Features

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

DEFAULT_PARAMS: dict[str, float] = {"inverse_penalty": 0.01, "clip_deviations": 5.0}
_STEPS = 20


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression as an estimator of the direction; a missing value counts as the mean.

    Parameters
    ----------
    mean, deviation : ndarray of shape (k,)
        Of each feature in training; deviation 1 where a feature is constant or all missing.
    clip_deviations : float
        Standardised values are held within this many deviations.
    regression : LogisticRegression
        Fitted on standardised features.
    """

    mean: Array
    deviation: Array
    clip_deviations: float
    regression: "LogisticRegression"

    @classmethod
    def fit(
        cls, features: Features, direction: Array, *, params: Mapping[str, float], seed: int, nthread: int
    ) -> "Logistic":
        """Fit on all rows, see `Forest.fit`; the optimum is one, so `seed` and `nthread` change nothing."""
        from sklearn.linear_model import LogisticRegression

        known = np.isfinite(features)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.sum(features, axis=0, dtype=np.float64, where=known) / count
        spread = np.sum(np.square(features - mean, dtype=np.float32), axis=0, dtype=np.float64, where=known) / count
        deviation = np.where(spread > 0, np.sqrt(spread), 1.0)
        model = LogisticRegression(C=params["inverse_penalty"], solver="newton-cholesky", max_iter=_STEPS)
        blank = cls(mean, deviation, params["clip_deviations"], model)
        model.fit(blank._scaled(features), direction)
        return blank

    @classmethod
    def load(cls, content: bytes) -> "Logistic":
        """Read what `dump` wrote; joblib runs what it reads, so the digest must have matched."""
        import joblib

        return cls(**joblib.load(io.BytesIO(content)))

    def margins(self, features: Features) -> Array:
        """Return the log odds of up, shape (n,)."""
        return np.asarray(self.regression.decision_function(self._scaled(features)), dtype=np.float64)

    def contributions(self, features: Features) -> Array:
        """Return coefficient times standardised value, shape (n, k)."""
        return np.asarray(self._scaled(features) * self.regression.coef_[0], dtype=np.float64)

    def gain(self) -> Array:
        """Return each feature's share of the absolute standardised coefficients, shape (k,)."""
        size = np.abs(self.regression.coef_[0])
        return np.asarray(size / (size.sum() or 1.0), dtype=np.float64)

    def dump(self) -> bytes:
        """Return scaling and regression as joblib writes them."""
        import joblib

        file = io.BytesIO()
        parts = {"mean": self.mean, "deviation": self.deviation, "clip_deviations": self.clip_deviations}
        joblib.dump(parts | {"regression": self.regression}, file)
        return file.getvalue()

    def _scaled(self, features: Features) -> Array:
        scaled = np.nan_to_num((features - self.mean) / self.deviation)
        return np.clip(scaled, -self.clip_deviations, self.clip_deviations)
