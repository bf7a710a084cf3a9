"""Texts that people have labelled: read from CSV, whatever the labels are called there."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

import numpy as np
import numpy.typing as npt

from candlecast.errors import InvalidRequestError
from candlecast.sentiment.engine import NEGATIVE, NEUTRAL, POSITIVE
from candlecast.unpacking import open_bounded

Classes = npt.NDArray[np.int64]

TEXT_COLUMNS = ("text", "title", "headline", "tweet text", "comment text")
LABEL_COLUMNS = ("label", "sentiment", "headline_label")
# digits are those of the Twitter financial news set: bearish, bullish, neutral
MEANINGS = {
    **dict.fromkeys(("negative", "neg", "bearish", "0"), NEGATIVE),
    **dict.fromkeys(("positive", "pos", "bullish", "1"), POSITIVE),
    **dict.fromkeys(("neutral", "neu", "2"), NEUTRAL),
}


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """n texts and what people made of them.

    Parameters
    ----------
    name : str
        Stem of the file.
    texts : tuple of str
        As written.
    classes : ndarray of shape (n,)
        Places in `candlecast.sentiment.engine.LABELS`.
    """

    name: str
    texts: tuple[str, ...]
    classes: Classes

    def take(self, rows: Classes) -> "LabelledTexts":
        """Return the texts at the places `rows`, in that order."""
        return LabelledTexts(self.name, tuple(self.texts[row] for row in rows), self.classes[rows])


def read_labelled(path: Path) -> LabelledTexts:
    """Read a CSV with a column of texts and one of labels; rows without text are left out.

    Raises
    ------
    InvalidRequestError
        When the file cannot be read, lacks a column or holds an unknown label; names line and value.
    """
    try:
        with TextIOWrapper(open_bounded(path), encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            text, label = (_column(path, rows.fieldnames or (), names) for names in (TEXT_COLUMNS, LABEL_COLUMNS))
            pairs = [(row[text] or "", _class(path, rows.line_num, row[label])) for row in rows]
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidRequestError(f"{path} cannot be read as CSV: {error}") from error
    kept = [(text, number) for text, number in pairs if text.strip()]
    if not kept:
        raise InvalidRequestError(f"{path} holds no labelled text; write text,label lines into it")
    return LabelledTexts(path.stem, tuple(text for text, _ in kept), np.array([number for _, number in kept]))


def read_texts(path: Path) -> tuple[str, ...]:
    """Read the texts of a CSV with or without labels, each once; CSV packed by gzip too.

    Raises
    ------
    InvalidRequestError
        When the file cannot be read or has no column of texts.
    """
    try:
        with TextIOWrapper(open_bounded(path), encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            text = _column(path, rows.fieldnames or (), ("title", *TEXT_COLUMNS))
            return tuple(dict.fromkeys(row[text] for row in rows if (row[text] or "").strip()))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidRequestError(f"{path} cannot be read as CSV: {error}") from error


def _column(path: Path, present: Sequence[str], wanted: tuple[str, ...]) -> str:
    found = next((name for want in wanted for name in present if name.strip().lower() == want), None)
    if found is None:
        raise InvalidRequestError(
            f"{path} needs a column {wanted[0]!r} (or {', '.join(wanted[1:])}); it has {', '.join(present) or 'none'}"
        )
    return found


def _class(path: Path, line: int, label: str | None) -> int:
    number = MEANINGS.get((label or "").strip().lower())
    if number is None:
        raise InvalidRequestError(
            f"{path} line {line}: label must be negative, neutral or positive (or 0, 2, 1), was {label!r}"
        )
    return number
