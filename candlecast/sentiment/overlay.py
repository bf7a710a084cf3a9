"""What do words and phrases mean in markets that VADER does not know, or takes amiss?

The table beside this file holds one entry a line: ``term`` in the lemmas of `candlecast.sentiment.text`,
``valence`` on VADER's scale (-4 to 4; 0 silences a word of VADER's own), how many labelled training texts of each
class hold it, and which texts those are. The words of a phrase stand side by side in any order, so that "cut dividend"
is "dividend cut" too; ``#`` stands for any number and ``#%`` for any percentage. How the table is refreshed:
`candlecast.sentiment.overlay_counts`.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Literal, Self, cast

from candlecast.sentiment.text import Token, clean, lemma, tokens_of

Support = Literal["market", "silent", "crypto"]

TABLE = "overlay.csv"
# begins every stand-in; `clean` takes it out of texts, so that none can pretend to be one
_MARK = "\ue000"

_PLUS = re.compile(r"(?<!\S)\+(?=[$€£¥₹]?\.?\d)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?%?")


@dataclass(frozen=True, slots=True)
class Entry:
    """A word or phrase and what it means.

    Parameters
    ----------
    words : tuple of str
        Lemmas; ``#`` is any number, ``#%`` any percentage.
    valence : float
        -4 (worst) to 4 (best); 0 says nothing.
    support : str
        What its counts are of: ``market`` and ``silent`` entries the general training texts, ``crypto`` entries
        those about crypto; the valence of ``market`` entries follows from the counts.
    """

    words: tuple[str, ...]
    valence: float
    support: Support = "market"

    @property
    def term(self) -> str:
        """Return the words, parted by blanks."""
        return " ".join(self.words)

    @property
    def key(self) -> tuple[str, ...]:
        """Return what is the same for the same words in any order."""
        return tuple(sorted(self.words))


@dataclass(frozen=True, slots=True)
class Marked:
    """A text in which every entry of the overlay is one word, and those entries.

    Parameters
    ----------
    text : str
        What VADER shall read: stand-ins where entries were, the rest as it was.
    entries : tuple of Entry
        In the order of the text.
    n_words : int
        Words of the text before, numbers left out.
    """

    text: str
    entries: tuple[Entry, ...]
    n_words: int


class Overlay:
    """Finds the longest entries in a text; immutable.

    Parameters
    ----------
    entries : iterable of Entry
        A later one replaces an earlier one of the same words, in whatever order.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_key = {entry.key: entry for entry in entries}
        self._stand_ins = {
            key: f"{_MARK}{n}" if entry.valence else _MARK
            for n, (key, entry) in enumerate(sorted(self._by_key.items()))
        }
        self._longest: dict[str, int] = {}
        for key in self._by_key:
            self._longest |= {word: max(self._longest.get(word, 0), len(key)) for word in key}

    @classmethod
    def shipped(cls) -> Self:
        """Return the overlay of the table beside this file."""
        text = resources.files(__package__).joinpath(TABLE).read_text(encoding="utf-8")
        rows = csv.DictReader(text.splitlines())
        return cls(
            Entry(tuple(row["term"].split()), float(row["valence"]), cast(Support, row["support"])) for row in rows
        )

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return all entries, sorted by their words."""
        return tuple(sorted(self._by_key.values(), key=lambda entry: entry.words))

    @cached_property
    def digest(self) -> str:
        """Return twelve hexadecimal digits that change with any entry."""
        lines = "\n".join(f"{entry.term},{entry.valence}" for entry in self.entries)
        return hashlib.sha256(lines.encode()).hexdigest()[:12]

    @property
    def stand_ins(self) -> Mapping[str, float]:
        """Return the valence of every word that stands for an entry, silent ones left out."""
        return {name: self._by_key[key].valence for key, name in self._stand_ins.items() if name != _MARK}

    def mark(self, text: str) -> Marked:
        """Return `text`, cleaned, with the longest entry at each place as one word; entries do not overlap."""
        cleaned = _PLUS.sub("up ", clean(text))
        tokens = [_slotted(token) for token in tokens_of(cleaned)]
        pieces, found, end = [], [], 0
        for first, last, entry in self._matches(tokens):
            pieces += [cleaned[end : first.start], f" {self._stand_ins[entry.key]} "]
            found.append(entry)
            end = last.end
        n_words = sum("#" not in word for _, word in tokens)
        return Marked("".join([*pieces, cleaned[end:]]), tuple(found), n_words)

    def _matches(self, tokens: list[tuple[Token, str]]) -> Iterator[tuple[Token, Token, Entry]]:
        words = [word for _, word in tokens]
        at = 0
        while at < len(words):
            for length in range(min(self._longest.get(words[at], 0), len(words) - at), 0, -1):
                entry = self._by_key.get(tuple(sorted(words[at : at + length])))
                if entry:
                    yield tokens[at][0], tokens[at + length - 1][0], entry
                    at += length - 1
                    break
            at += 1


def _slotted(token: Token) -> tuple[Token, str]:
    if _NUMBER.fullmatch(token.text):
        return token, ("-" if token.text[0] == "-" else "") + ("#%" if token.text[-1] == "%" else "#")
    return token, lemma(token.text)
