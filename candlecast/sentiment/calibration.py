"""How sure may an engine sound? Temperatures and weights, fitted on texts that it did not train on.

Pure functions over arrays. n texts, k classes; logits and probabilities are (n, k), true classes
are (n,) places in the columns. NaN is not expected anywhere: it would stay NaN.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Classes = npt.NDArray[np.int64]

LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE = 0.1, 10.0
_WEIGHTS = np.linspace(0.0, 0.6, 13)
_TINY = 1e-9
_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
_STEPS = 25


@dataclass(frozen=True, slots=True)
class Blend:
    """How two opinions become one: p ∝ (p_transformer^(1-w) p_lexicon^w)^(1/T).

    Parameters
    ----------
    lexicon_weight : float
        w, 0 to 1.
    temperature : float
        T, above 0; above 1 sounds less sure.
    """

    lexicon_weight: float = 0.2
    temperature: float = 1.0

    def mix(self, transformer: Floats, lexicon: Floats) -> Floats:
        """Return the blended probabilities of shape (n, k); rows add up to 1."""
        return softmax(_mixed_logs(transformer, lexicon, self.lexicon_weight), temperature=self.temperature)


def softmax(logits: Floats, *, temperature: float = 1.0) -> Floats:
    """Return probabilities of shape (n, k) from logits; rows add up to 1."""
    scaled = logits / temperature
    odds = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return cast("Floats", odds / odds.sum(axis=1, keepdims=True))


def fit_temperature(logits: Floats, classes: Classes) -> float:
    """Return the temperature with the least log loss (Guo et al., ICML 2017).

    Parameters
    ----------
    logits : ndarray of shape (n, k)
        Of texts held out of training; log probabilities do too.
    classes : ndarray of shape (n,)
        True class of each.

    Returns
    -------
    float
        Between `LOWEST_TEMPERATURE` and `HIGHEST_TEMPERATURE`.

    Raises
    ------
    ValueError
        When there is no text.
    """
    if len(logits) == 0:
        raise ValueError("a temperature needs at least 1 labelled text, got 0")
    # the loss is convex in 1/T, so one valley in log T too: a golden-section search finds it
    low, high = np.log(LOWEST_TEMPERATURE), np.log(HIGHEST_TEMPERATURE)
    for _ in range(_STEPS):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if _loss_at(left, logits, classes) < _loss_at(right, logits, classes):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def fit_blend(transformer: Floats, lexicon: Floats, classes: Classes) -> Blend:
    """Return the blend of two engines' probabilities with the least log loss on held-out texts.

    Parameters
    ----------
    transformer, lexicon : ndarray of shape (n, k)
        Probabilities, each engine already calibrated by itself.
    classes : ndarray of shape (n,)
        True class of each text.

    Returns
    -------
    Blend
        Weight from 0 to 0.6 in steps of 0.05, temperature as in `fit_temperature`.
    """
    blends = [
        Blend(float(weight), fit_temperature(_mixed_logs(transformer, lexicon, weight), classes)) for weight in _WEIGHTS
    ]
    return min(blends, key=lambda blend: log_loss(blend.mix(transformer, lexicon), classes))


def log_loss(probabilities: Floats, classes: Classes) -> float:
    """Return the mean of -log P(true class) in nats, at most 20.7 a text."""
    true = probabilities[np.arange(len(classes)), classes]
    return float(-np.log(np.maximum(true, _TINY)).mean())


def expected_calibration_error(probabilities: Floats, classes: Classes, *, n_bins: int = 15) -> float:
    """Return the mean distance of confidence from accuracy, 0 to 1 (Naeini et al., AAAI 2015).

    Parameters
    ----------
    probabilities : ndarray of shape (n, k)
        Rows add up to 1.
    classes : ndarray of shape (n,)
        True classes.
    n_bins : int
        Bins of equal width over the probability of the likeliest class.
    """
    confidence = probabilities.max(axis=1)
    hits = probabilities.argmax(axis=1) == classes
    bins = np.minimum((confidence * n_bins).astype(np.int64), n_bins - 1)
    gaps = np.bincount(bins, weights=confidence - hits, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(classes))


def _loss_at(log_temperature: float, logits: Floats, classes: Classes) -> float:
    return log_loss(softmax(logits, temperature=float(np.exp(log_temperature))), classes)


def _mixed_logs(transformer: Floats, lexicon: Floats, weight: float) -> Floats:
    return (1 - weight) * np.log(np.maximum(transformer, _TINY)) + weight * np.log(np.maximum(lexicon, _TINY))
