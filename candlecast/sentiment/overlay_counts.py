"""How often does each entry of the overlay occur in labelled texts, and what valence follows?

The shipped table and weights are made from training texts alone: 9,543 tweets on markets (``market``, ``silent``)
and 1,062 comments and tweets on crypto and stocks (``crypto``). To refresh them, take the entries of
`Overlay.shipped`, add or drop some, hand them to `recount` with the labelled texts, write `as_csv` of the rows to
``overlay.csv``, and fit ``overlay_weights.json`` anew by `candlecast.sentiment.lexicon_fit.fit_weights` on what
`LexiconEngine.features` makes of the market texts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from candlecast.sentiment.labelled import LabelledTexts
from candlecast.sentiment.overlay import Entry, Overlay

COLUMNS = ("term", "valence", "n_negative", "n_neutral", "n_positive", "support")
MIN_TEXTS = 3
# an entry that takes no side at least this clearly is left out
MIN_VALENCE = 0.3
_LARGEST = 4.0
# texts that say nothing of an entry's side; they keep a rare one near 0
_DOUBTS = 3.0


@dataclass(frozen=True, slots=True)
class Counted:
    """An entry and the texts of each class that hold it: the row of the table."""

    entry: Entry
    n_negative: int
    n_neutral: int
    n_positive: int

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Return the three counts, shape (3,)."""
        return np.array([self.n_negative, self.n_neutral, self.n_positive])


def count(entries: Sequence[Entry], data: LabelledTexts) -> list[Counted]:
    """Return how many texts of each class hold each entry, in the order of `entries`.

    A text holds an entry once at most, and not where a longer entry covers it, as the engine reads it.
    """
    overlay = Overlay(entries)
    found: Counter[tuple[tuple[str, ...], int]] = Counter()
    for text, label in zip(data.texts, data.classes, strict=True):
        found.update({(entry.words, int(label)) for entry in overlay.mark(text).entries})
    return [Counted(entry, *(found[entry.words, label] for label in range(3))) for entry in entries]


def valence(counts: npt.NDArray[np.int64], totals: npt.NDArray[np.int64]) -> float:
    """Return the valence that counts speak for.

    Parameters
    ----------
    counts : ndarray of shape (3,)
        Texts of each class that hold the entry.
    totals : ndarray of shape (3,)
        All texts of each class, above 0.

    Returns
    -------
    float
        4 (p - n) / (p + u + n + 3) of the counts as they would be, were the classes of one size, to one digit;
        -4 to 4, near 0 where few texts or mostly neutral ones hold it.
    """
    level = counts * totals.sum() / (3.0 * totals)
    return round(float(_LARGEST * (level[2] - level[0]) / (level.sum() + _DOUBTS)), 1)


def recount(entries: Sequence[Entry], *, market: LabelledTexts, crypto: LabelledTexts) -> list[Counted]:
    """Return the rows of the table, each with its counts.

    Parameters
    ----------
    entries : sequence of Entry
        Candidates; what their valence says of a side is kept, what it says of strength is replaced.
    market : LabelledTexts
        Training texts that ``market`` and ``silent`` entries are counted in, with all three classes.
    crypto : LabelledTexts
        Training texts that ``crypto`` entries are counted in; those keep the valence that they have.

    Returns
    -------
    list of Counted
        Without the entries that the texts do not support: fewer than `MIN_TEXTS` texts (one is enough for
        ``crypto``), texts that speak for the other side, or for none (`MIN_VALENCE`).
    """
    found = zip(count(entries, market), count(entries, crypto), strict=True)
    rows = [in_crypto if in_market.entry.support == "crypto" else in_market for in_market, in_crypto in found]
    return list(_supported(rows, np.bincount(market.classes, minlength=3)))


def as_csv(rows: Iterable[Counted]) -> str:
    """Return the text of the table, one line a row, sorted by term."""
    lines = [
        f"{row.entry.term},{row.entry.valence:g},{row.n_negative},{row.n_neutral},{row.n_positive},{row.entry.support}"
        for row in rows
    ]
    return "\n".join([",".join(COLUMNS), *sorted(lines)]) + "\n"


def _supported(rows: Iterable[Counted], totals: npt.NDArray[np.int64]) -> Iterator[Counted]:
    for row in rows:
        entry, n_texts = row.entry, row.counts.sum()
        strength = valence(row.counts, totals)
        if entry.support == "crypto":
            supported = entry.valence * (row.n_positive - row.n_negative) > 0
        elif entry.support == "silent":
            supported = n_texts >= MIN_TEXTS
        else:
            supported = n_texts >= MIN_TEXTS and np.sign(entry.valence) * strength >= MIN_VALENCE
            entry = replace(entry, valence=strength)
        if supported:
            yield replace(row, entry=entry)
