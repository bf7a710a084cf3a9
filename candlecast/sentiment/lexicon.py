"""What do words alone say: plain VADER, and VADER that knows the words of markets."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata, resources
from typing import Self

import numpy as np
import numpy.typing as npt
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from candlecast.schemas import Engine
from candlecast.sentiment.engine import NEGATIVE, NEUTRAL, POSITIVE, Probabilities, Verdicts
from candlecast.sentiment.overlay import Marked, Overlay

# from VADER's own documentation (Hutto and Gilbert, ICWSM 2014): |compound| from here on is no longer neutral
THRESHOLD = 0.05

MIN_WORDS = 2
# what VADER's rules cost grows with the square of the words
MAX_READ_CHARACTERS = 1_000
WEIGHTS = "overlay_weights.json"
FEATURES = ("constant", "compound", "negative_share", "positive_share", "overlay_down", "overlay_up")
# beyond it one more word says nothing new
MAX_OVERLAY = 6.0

Features = npt.NDArray[np.float64]


class VaderEngine:
    """Plain VADER with the thresholds of its documentation, the yardstick for the other engines.

    Its probabilities are built, not fitted: P(positive) - P(negative) is the compound score, and the likeliest
    class is the one that the thresholds name. It never abstains; a text without words is neutral.
    """

    name: Engine = "vader"

    def __init__(self) -> None:
        self.version = _library()
        self._analyzer = SentimentIntensityAnalyzer()

    def judge(self, texts: Sequence[str]) -> Verdicts:
        """Return one row a text; of a long one the first `MAX_READ_CHARACTERS` are read."""
        compounds = [self._analyzer.polarity_scores(text[:MAX_READ_CHARACTERS])["compound"] for text in texts]
        probabilities = _around(np.array(compounds, dtype=np.float64))
        return Verdicts(probabilities, abstain_reasons=(None,) * len(texts))


@dataclass(frozen=True, slots=True)
class Weights:
    """Multinomial logistic from the features of a text to its class.

    Parameters
    ----------
    table : ndarray of shape (3, len(FEATURES))
        One row a class, in the order of `candlecast.sentiment.engine.LABELS`.
    """

    table: npt.NDArray[np.float64]

    @classmethod
    def shipped(cls) -> Self:
        """Return the weights beside this file."""
        text = resources.files(__package__).joinpath(WEIGHTS).read_text(encoding="utf-8")
        return cls(np.array(json.loads(text)["weights"], dtype=np.float64))

    @property
    def digest(self) -> str:
        """Return eight hexadecimal digits that change with any weight."""
        return hashlib.sha256(self.table.tobytes()).hexdigest()[:8]

    def probabilities(self, features: Features) -> Probabilities:
        """Return the class probabilities of shape (n, 3) of features of shape (n, len(FEATURES))."""
        logits = features @ self.table.T
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares: Probabilities = odds / odds.sum(axis=1, keepdims=True)
        return shares


class LexiconEngine:
    """VADER with a finance and crypto overlay, its scores turned into probabilities by a fitted logistic.

    It abstains from texts of fewer than `MIN_WORDS` words. A text none of whose words it knows is judged: most
    such headlines report and take no side.

    Parameters
    ----------
    overlay : Overlay or None
        Words of markets; None: those that ship.
    weights : Weights or None
        From features to classes; None: those that ship.
    """

    name: Engine = "lexicon"

    def __init__(self, overlay: Overlay | None = None, weights: Weights | None = None) -> None:
        self._overlay = overlay or Overlay.shipped()
        self._weights = weights or Weights.shipped()
        self.version = f"{_library()}+{self._overlay.digest}-{self._weights.digest}"
        self._analyzer = SentimentIntensityAnalyzer()
        self._analyzer.lexicon.update(self._overlay.stand_ins)

    def judge(self, texts: Sequence[str]) -> Verdicts:
        """Return one row a text; of a long one the first `MAX_READ_CHARACTERS` are read."""
        marked = self._mark(texts)
        reasons = tuple(_too_short(each.n_words) for each in marked)
        return Verdicts(self._weights.probabilities(self._features(marked)), abstain_reasons=reasons)

    def features(self, texts: Sequence[str]) -> Features:
        """Return what the logistic is fitted on.

        Parameters
        ----------
        texts : sequence of str
            Any texts.

        Returns
        -------
        ndarray of shape (n, len(FEATURES))
            1; VADER's compound score and shares, with the overlay; the summed valences of the overlay's own
            negative and positive entries, each in [0, `MAX_OVERLAY`]. Never NaN.
        """
        return self._features(self._mark(texts))

    def _mark(self, texts: Sequence[str]) -> list[Marked]:
        return [self._overlay.mark(text[:MAX_READ_CHARACTERS]) for text in texts]

    def _features(self, marked: Sequence[Marked]) -> Features:
        rows = [self._row(each) for each in marked]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES))

    def _row(self, marked: Marked) -> list[float]:
        shares = self._analyzer.polarity_scores(marked.text)
        down = -sum(min(entry.valence, 0.0) for entry in marked.entries)
        up = sum(max(entry.valence, 0.0) for entry in marked.entries)
        overlay = [min(down, MAX_OVERLAY), min(up, MAX_OVERLAY)]
        return [1.0, shares["compound"], shares["neg"], shares["pos"], *overlay]


def _library() -> str:
    return f"vaderSentiment-{metadata.version('vaderSentiment')}"


def _around(compounds: npt.NDArray[np.float64]) -> Probabilities:
    strength = np.abs(compounds)
    neutral = np.where(strength < THRESHOLD, 1.0 - strength, (1.0 - strength) / 3.0)
    probabilities = np.empty((len(compounds), 3))
    probabilities[:, NEUTRAL] = neutral
    probabilities[:, POSITIVE] = (1.0 - neutral + compounds) / 2.0
    probabilities[:, NEGATIVE] = (1.0 - neutral - compounds) / 2.0
    return probabilities


def _too_short(n_words: int) -> str | None:
    if n_words >= MIN_WORDS:
        return None
    return f"{n_words} {'word' if n_words == 1 else 'words'}, fewer than {MIN_WORDS}"
