"""Which actors work, which are lost, and when may a lost one be made again? Decides; touches no actor."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from candlecast.market.symbols import Symbol
from cluster.actors.shards import plan_shards


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an actor is waited for; wall seconds.

    Parameters
    ----------
    round_s : float
        Between two questions for its health.
    answer_s : float
        For one answer.
    silent_s : float
        Without any answer until it counts as hung; a busy machine delays single answers.
    stuck_s : float
        Without any progress, by its own word, until it counts as hung.
    start_s : float
        For the first answer of a new one.
    again_s, again_max_s : float
        Before a lost one is made again: doubled each time it is lost before it answered.
    """

    round_s: float = 5.0
    answer_s: float = 4.0
    silent_s: float = 15.0
    stuck_s: float = 120.0
    start_s: float = 60.0
    again_s: float = 0.5
    again_max_s: float = 30.0


class Member:
    """What is known of the actor in one place of the crew.

    Parameters
    ----------
    patience : Patience
        When it is given up.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._started_s: float | None = None
        self._heard_s: float | None = None
        self._busy_s = 0.0
        self._failures = 0
        self._again_at_s = 0.0
        self.n_losses = 0

    def vacant_s(self, now_s: float) -> float:
        """Return for how long the place stays empty: 0 when it may be filled now, infinity when it is filled."""
        return math.inf if self._started_s is not None else max(0.0, self._again_at_s - now_s)

    def started(self, now_s: float) -> None:
        """Note that an actor was made."""
        self._started_s, self._heard_s, self._busy_s = now_s, None, 0.0

    def heard(self, now_s: float, *, busy_s: float) -> None:
        """Note an answer, and for how long the actor has made no progress."""
        self._heard_s, self._busy_s, self._failures = now_s, busy_s, 0

    def lost(self, now_s: float) -> None:
        """Note that the actor is gone; its place may be filled again after a pause."""
        pause_s = min(self._patience.again_s * 2**self._failures, self._patience.again_max_s)
        self._started_s = self._heard_s = None
        self._failures, self.n_losses = self._failures + 1, self.n_losses + 1
        self._again_at_s = now_s + pause_s

    def complaint(self, now_s: float) -> str | None:
        """Return why the actor is to be replaced, None while it is not."""
        patience = self._patience
        if self._started_s is None:
            return None
        if self._heard_s is None:
            slow = now_s - self._started_s > patience.start_s
            return f"it did not start within {patience.start_s:.0f} s" if slow else None
        if now_s - self._heard_s > patience.silent_s:
            return f"it did not answer for {patience.silent_s:.0f} s"
        return f"it made no progress for {self._busy_s:.0f} s" if self._busy_s > patience.stuck_s else None

    @property
    def present(self) -> bool:
        """Whether there is an actor in this place."""
        return self._started_s is not None

    @property
    def works(self) -> bool:
        """Whether symbols may be given to it: it answers, or has its first start and is expected to."""
        return self._heard_s is not None or (self.present and self.n_losses == 0)


def plan_crew(symbols: tuple[Symbol, ...], crew: Iterable[Member]) -> dict[int, tuple[Symbol, ...]]:
    """Return the symbols of each member: its own, and those of members that do not work.

    When nobody works, those that are starting have them.
    """
    members = list(crew)
    working = {number for number, member in enumerate(members) if member.works}
    return plan_shards(symbols, len(members), working or {n for n, member in enumerate(members) if member.present})
