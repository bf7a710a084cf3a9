"""What changes in the ledger of gaps when a series is looked through again? Stored gaps against present holes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from candlecast.market.gaps import Hole

# open: to be asked for · outage: no venue has the candles · repaired: they came in
GapStatus = Literal["open", "outage", "repaired"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A hole and what is known of it.

    Parameters
    ----------
    hole : Hole
        What is missing; of a repaired gap, what was missing when it was last seen.
    noticed_at : datetime
        When it was first seen.
    status : str
        ``open``, ``outage`` or ``repaired``.
    venues_asked : tuple of str
        Who was asked for all of it, in that order.
    attempts : int
        How often anyone was asked.
    asked_at, settled_at : datetime, optional
        When that was last, and since when the gap is no longer open.
    """

    hole: Hole
    noticed_at: datetime
    status: GapStatus = "open"
    venues_asked: tuple[str, ...] = ()
    attempts: int = 0
    asked_at: datetime | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What to do, in this order: `repaired` and `merged` are numbers of rows, the key of `changed` is one."""

    repaired: list[int]
    merged: list[int]
    changed: dict[int, Gap]
    added: list[Gap]


def plan_changes(stored: dict[int, Gap], holes: Sequence[Hole], *, noticed_at: datetime) -> Changes:
    """Return how `stored` becomes a ledger of exactly `holes`.

    A hole inside a stored gap inherits all that is known of it; one that is new or has grown is
    open and nobody was asked for it yet.

    Parameters
    ----------
    stored : dict of int to Gap
        Gaps that are not repaired, by the number of their row.
    holes : sequence of Hole
        All that is missing now in the span of `stored`, none overlapping another.
    noticed_at : datetime
        When the series was looked through.
    """
    changed: dict[int, Gap] = {}
    added, met = [], set()
    for hole in holes:
        parents = [number for number, gap in stored.items() if overlaps(gap.hole, hole)]
        met.update(parents)
        gap = _follow_up([stored[number] for number in parents], hole, noticed_at)
        free = [number for number in parents if number not in changed]
        if free:
            changed[free[0]] = gap
        else:
            added.append(gap)
    return Changes(
        repaired=sorted(stored.keys() - met),
        merged=sorted(met - changed.keys()),
        changed={number: gap for number, gap in changed.items() if gap != stored[number]},
        added=added,
    )


def overlaps(one: Hole, other: Hole) -> bool:
    """Tell whether some time belongs to both."""
    return one.start < other.end and other.start < one.end


def _follow_up(parents: list[Gap], hole: Hole, noticed_at: datetime) -> Gap:
    if len(parents) == 1 and parents[0].hole.start <= hole.start and hole.end <= parents[0].hole.end:
        return replace(parents[0], hole=hole)
    return Gap(hole, min([noticed_at, *(gap.noticed_at for gap in parents)]))
