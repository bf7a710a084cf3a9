"""Which headlines does a feed show now? The newest published ones, as far as no fault is in the way."""

from bisect import bisect_right
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple
from zlib import crc32

from candlecast.clock import Clock
from candlecast.news.articles import FedItem
from candlecast.replay.faults.board import FaultBoard
from candlecast.replay.headlines import Headlines, slug
from candlecast.replay.tape import microseconds

# A feed of no recorded outlet tells one headline of that many.
SHARE_OF_OTHERS = 3
MEGABYTE = 1_000_000
FILLER = "again and "


class Shown(NamedTuple):
    """A headline on a page and its number, the same on every page."""

    number: int
    item: FedItem


class Newsroom:
    """The headlines of a recording as feeds show them at the time of `clock`.

    Parameters
    ----------
    headlines : Headlines
        What is played; nothing is shown before it was published.
    clock : Clock
        Market time.
    board : FaultBoard
        What goes wrong.
    """

    def __init__(self, headlines: Headlines, clock: Clock, board: FaultBoard) -> None:
        self._clock, self._board = clock, board
        self._all = [Shown(number, item) for number, item in enumerate(headlines.items, start=1)]
        self._outlets = {slug(item.source) for item in headlines.items}
        self._by_outlet: dict[str, list[Shown]] = {}

    def page(self, venue: str, *, size: int, outlet: str = "", page: int = 1) -> list[Shown]:
        """Return the headlines of a page, newest first.

        Parameters
        ----------
        venue : str
            Whose page, as faults name it.
        size : int
            Headlines a page.
        outlet : str
            Name of a feed: the outlet of that name, or a share of all when none is recorded; "" for all.
        page : int
            Counted from 1.
        """
        if self._board.strike("empty", venue) is not None:
            return []
        shown = self._published(venue, outlet)
        last = len(shown) - (page - 1) * size
        found = shown[max(0, last - size) : max(0, last)][::-1]
        return self._spoilt(venue, found) if found else []

    def n_published(self, venue: str, outlet: str = "") -> int:
        """Return how many headlines all pages hold."""
        return len(self._published(venue, outlet))

    def _published(self, venue: str, outlet: str) -> list[Shown]:
        told = self._of(outlet) if outlet else self._all
        now_us = self._board.frozen_us(venue, microseconds(self._clock.now()))
        return told[: bisect_right(told, now_us, key=lambda shown: _published_us(shown.item))]

    def _of(self, outlet: str) -> list[Shown]:
        if outlet in self._outlets:
            return self._by_outlet.setdefault(outlet, [one for one in self._all if slug(one.item.source) == outlet])
        # Not kept: anybody may ask for any name.
        return [one for one in self._all if crc32(f"{outlet} {one.item.url}".encode()) % SHARE_OF_OTHERS == 0]

    def _spoilt(self, venue: str, page: list[Shown]) -> list[Shown]:
        newest, *others = page
        item = newest.item
        if strike := self._board.strike("huge_title", venue):
            n_times = int((strike.fault.numbers["size_mb"] or 0.0) * MEGABYTE) // len(FILLER)
            item = replace(item, title=f"{item.title} {FILLER * n_times}")
        if (strike := self._board.strike("future", venue)) and item.published_at is not None:
            ahead_s = strike.fault.numbers["ahead_s"] or 0.0
            item = replace(item, published_at=item.published_at + timedelta(seconds=ahead_s))
        return [Shown(newest.number, item), *others]


def _published_us(item: FedItem) -> int:
    return 0 if item.published_at is None else microseconds(item.published_at)
