"""What does an engine answer? Three probabilities a text, and when it rather says nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from candlecast.schemas import Label, SentimentScore

LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")
NEGATIVE, NEUTRAL, POSITIVE = range(3)

Probabilities = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What an engine makes of n texts.

    Parameters
    ----------
    probabilities : ndarray of shape (n, 3)
        Columns `LABELS`; rows add up to 1, those of abstained texts too.
    abstain_reasons : tuple of str or None
        Why a text is not judged, None for those that are.
    """

    probabilities: Probabilities
    abstain_reasons: tuple[str | None, ...]

    @property
    def scores(self) -> npt.NDArray[np.float64]:
        """Return P(positive) - P(negative) of shape (n,), -1 to 1, NaN where the engine abstains."""
        scores = self.probabilities[:, POSITIVE] - self.probabilities[:, NEGATIVE]
        return np.where([reason is None for reason in self.abstain_reasons], scores, np.nan)

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """Return the place in `LABELS` of the likeliest class, shape (n,), abstained texts included."""
        labels: npt.NDArray[np.int64] = self.probabilities.argmax(axis=1).astype(np.int64)
        return labels

    def on_the_wire(self) -> list[SentimentScore]:
        """Return one wire model a text."""
        return [
            SentimentScore(
                score=None if reason else float(score),
                label=None if reason else LABELS[label],
                probabilities={name: float(p) for name, p in zip(LABELS, row, strict=True)},
                abstain_reason=reason,
            )
            for row, score, label, reason in zip(
                self.probabilities, self.scores, self.labels, self.abstain_reasons, strict=True
            )
        ]


class SentimentEngine(Protocol):
    """Judges texts; safe to share between threads."""

    @property
    def name(self) -> str:
        """Return its name, one of `candlecast.settings.Engine`."""
        ...

    @property
    def version(self) -> str:
        """Return what changes whenever its answers may change."""
        ...

    def judge(self, texts: Sequence[str]) -> Verdicts:
        """Return what it makes of `texts`, each by itself; an empty sequence gives no rows."""
        ...
