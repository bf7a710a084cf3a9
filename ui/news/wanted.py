"""Which stories does the address of the page ask for?"""

import math
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlencode

from candlecast.queries import NewsFilter
from candlecast.schemas import Label
from ui.address import Address

PAGE_SIZE = 50
MOST_PAGES = 20
# fields of the address that narrow the list
NARROWING = ("symbol", "source", "label", "min", "max", "text")
_LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class WantedNews:
    """Which stories a reader wants to see; None stands for any.

    Parameters
    ----------
    symbol, source : str or None
        About this symbol; told by this outlet.
    label : str or None
        ``negative``, ``neutral`` or ``positive``.
    min_score, max_score : float or None
        Bounds of the score, -1 to 1.
    text : str or None
        Words that the title holds.
    pages : int
        How many pages are on show, 1 to `MOST_PAGES`.
    """

    symbol: str | None = None
    source: str | None = None
    label: Label | None = None
    min_score: float | None = None
    max_score: float | None = None
    text: str | None = None
    pages: int = 1

    @classmethod
    def of(cls, address: Address) -> "WantedNews":
        """Read the address; what makes no sense there counts as absent."""
        return cls(
            symbol=address.text("symbol") or None,
            source=_plain(address.text("source")) or None,
            label=next((label for label in get_args(Label) if label == address.text("label")), None),
            min_score=_score(address.text("min")),
            max_score=_score(address.text("max")),
            text=_plain(address.text("text"))[:_LONGEST_TEXT] or None,
            pages=_pages(address.text("pages")),
        )

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        fields = (self.symbol, self.source, self.label, self.min_score, self.max_score, self.text)
        return any(value is not None for value in fields)

    @property
    def about(self) -> str:
        """What the list is about, whatever its length."""
        return urlencode(self._fields())

    def filter(self, cursor: str | None) -> NewsFilter:
        """Return the question for one page of the list."""
        return NewsFilter(
            symbol=self.symbol,
            source=self.source,
            label=self.label,
            min_score=self.min_score,
            max_score=self.max_score,
            text=self.text,
            cursor=cursor,
            limit=PAGE_SIZE,
        )

    def query(self) -> str:
        """Return the address that asks for the same."""
        return urlencode([*self._fields(), *([("pages", str(self.pages))] if self.pages > 1 else [])])

    def _fields(self) -> list[tuple[str, str]]:
        values = (self.symbol, self.source, self.label, self.min_score, self.max_score, self.text)
        return [
            (name, f"{value:g}" if isinstance(value, float) else value)
            for name, value in zip(NARROWING, values, strict=True)
            if value is not None
        ]


def _plain(text: str) -> str:
    return text.replace("\x00", "")


def _score(text: str) -> float | None:
    try:
        score = float(text)
    except ValueError:
        return None
    return score if math.isfinite(score) and -1.0 <= score <= 1.0 else None


def _pages(text: str) -> int:
    return min(int(text), MOST_PAGES) if text.isascii() and text.isdecimal() and len(text) < 4 and int(text) else 1
