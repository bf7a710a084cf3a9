"""How right is an engine on texts that people have labelled?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from candlecast.evaluation.metrics import wilson_interval
from candlecast.sentiment.calibration import expected_calibration_error
from candlecast.sentiment.engine import LABELS, Verdicts
from candlecast.sentiment.labelled import Classes


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one engine on n labelled texts; abstained texts are judged by their likeliest class.

    Parameters
    ----------
    n : int
        Texts.
    accuracy, accuracy_low, accuracy_high : float
        Share that is right, with its 95 % Wilson interval.
    macro_f1 : float
        Mean F1 of the classes that occur among the labels.
    calibration_error : float
        Expected calibration error in 15 bins, 0 to 1.
    abstained_share : float
        Share of texts that the engine would rather not judge.
    confusion : ndarray of shape (3, 3)
        Rows true, columns judged, both in the order of `LABELS`.
    """

    n: int
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    macro_f1: float
    calibration_error: float
    abstained_share: float
    confusion: npt.NDArray[np.int64]


def quality(verdicts: Verdicts, classes: Classes) -> Quality:
    """Return how right `verdicts` are of n texts whose true classes are `classes`, n at least 1."""
    n = len(classes)
    confusion = np.bincount(classes * len(LABELS) + verdicts.labels, minlength=len(LABELS) ** 2)
    confusion = confusion.reshape(len(LABELS), len(LABELS))
    n_right = int(np.trace(confusion))
    low, high = wilson_interval(n_right, n)
    return Quality(
        n=n,
        accuracy=n_right / n,
        accuracy_low=low,
        accuracy_high=high,
        macro_f1=macro_f1(confusion),
        calibration_error=expected_calibration_error(verdicts.probabilities, classes),
        abstained_share=sum(reason is not None for reason in verdicts.abstain_reasons) / n,
        confusion=confusion,
    )


def macro_f1(confusion: npt.NDArray[np.int64]) -> float:
    """Return the mean F1 over the classes that occur (rows true, columns judged), 0 to 1."""
    right, true, judged = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    f1 = 2.0 * right / np.maximum(true + judged, 1)
    return float(f1[true > 0].mean())
