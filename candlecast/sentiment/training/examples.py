"""What does a member learn from? Texts with soft targets and weights, and those it must never see."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candlecast.errors import InvalidRequestError
from candlecast.sentiment.engine import LABELS
from candlecast.sentiment.labelled import LabelledTexts

Floats32 = npt.NDArray[np.float32]

MIN_HELD_OUT = 50


@dataclass(frozen=True, slots=True)
class Examples:
    """n texts to learn from.

    Parameters
    ----------
    texts : tuple of str
        As written.
    targets : ndarray of shape (n, 3)
        Wanted probabilities in the order of `LABELS`; rows add up to 1.
    weights : ndarray of shape (n,)
        How much each counts.
    """

    texts: tuple[str, ...]
    targets: Floats32
    weights: Floats32


def to_examples(labelled: LabelledTexts, *, smoothing: float, balance: float, weight: float = 1.0) -> Examples:
    """Turn labels into targets.

    Parameters
    ----------
    labelled : LabelledTexts
        n texts.
    smoothing : float
        Share of each target that is spread over all classes (Szegedy et al., CVPR 2016), 0 to 1.
    balance : float
        A class of share s among the texts weighs s^-balance: 0 as they are, 1 all classes alike.
    weight : float
        Mean weight of a text.
    """
    n = len(labelled.texts)
    targets = np.full((n, len(LABELS)), smoothing / len(LABELS), dtype=np.float32)
    targets[np.arange(n), labelled.classes] += 1 - smoothing
    counts = np.bincount(labelled.classes, minlength=len(LABELS))
    by_class = np.where(counts > 0, np.maximum(counts, 1) / n, 1.0) ** -balance
    weights = by_class[labelled.classes]
    return Examples(labelled.texts, targets, (weight * weights / weights.mean()).astype(np.float32))


def join(parts: Sequence[Examples]) -> Examples:
    """Return all examples of `parts`, one part after the other."""
    return Examples(
        tuple(text for part in parts for text in part.texts),
        np.concatenate([part.targets for part in parts]),
        np.concatenate([part.weights for part in parts]),
    )


def hold_out(labelled: LabelledTexts, *, share: float, seed: int) -> tuple[LabelledTexts, LabelledTexts]:
    """Split into texts to learn from and texts to calibrate on, drawn at random.

    Raises
    ------
    InvalidRequestError
        When fewer than `MIN_HELD_OUT` would be held out.
    """
    n = len(labelled.texts)
    n_held = round(n * share)
    if n_held < MIN_HELD_OUT:
        raise InvalidRequestError(
            f"{labelled.name} has {n} texts, of which {n_held} would calibrate; at least {MIN_HELD_OUT} must: add texts"
        )
    order = np.random.default_rng(seed).permutation(n)
    return labelled.take(np.sort(order[n_held:])), labelled.take(np.sort(order[:n_held]))
