"""What does a round of news need, and what does it bring?"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from candlecast.schemas import FeedState


class Budgets(Protocol):
    """Hands out requests; `candlecast.storage.rate_limits.RateLimits` is one."""

    async def try_take(self, source: str, cost: float) -> float:
        """Take `cost` of `source`, or return wall seconds until that can be."""
        ...

    async def observe(self, venue: str, *, used_share: float | None, retry_after_s: float | None) -> None:
        """Learn what a source said about its limit."""
        ...


class States(Protocol):
    """Tells how the feeds are; `candlecast.storage.feed_states.FeedStates` is one."""

    async def put(self, states: Mapping[str, FeedState], *, ttl_s: float) -> None:
        """Tell `states`, by feed, for `ttl_s` wall seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who hears what a round brought.

    Parameters
    ----------
    states : States, optional
        Told after every round how the feeds are.
    publish : callable, optional
        Sends events on a channel, as `Cache.publish_many` does: on ``news``, the new stories of one feed together.
    """

    states: States | None = None
    publish: Callable[[str, Sequence[dict[str, Any]]], Awaitable[None]] | None = None


NOBODY = Listeners()


@dataclass(frozen=True, slots=True)
class RoundReport:
    """What one round brought.

    Parameters
    ----------
    n_new, n_merged, n_known : int
        Stories that are new; new articles that tell a known story; articles that were stored before.
    refusals : mapping of str to int
        How many items were refused, by reason.
    states : mapping of str to FeedState
        How each feed is now.
    """

    n_new: int
    n_merged: int
    n_known: int
    refusals: Mapping[str, int]
    states: Mapping[str, FeedState]
