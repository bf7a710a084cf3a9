"""What has a client missed that was away for a moment? The events behind its last one, while the log keeps them."""

from collections.abc import AsyncIterator
from typing import TypeVar

from candlecast.storage.event_log import EventLog
from serve.server_events import Place, event_bytes, lines_of
from serve.subscription import Subscription

Answer = TypeVar("Answer")


class LogAwayError(Exception):
    """The log does not answer."""


async def missed(log: EventLog, subscription: Subscription, *, after: Place, until: str) -> AsyncIterator[bytes]:
    """Yield the events of `log` behind `after` up to the entry `until`, and a gap where some are forgotten.

    Parameters
    ----------
    log : EventLog
        The events of all processes.
    subscription : Subscription
        Knows which of them the client wants.
    after : Place
        What the client has already.
    until : str
        Id of the newest entry that it shall be given.

    Raises
    ------
    LogAwayError
        When the log does not answer.
    """
    if _answered(await log.forgot(after.entry)):
        yield gap(after.entry)
    if after.n_had is not None:
        for entry in _answered(await log.between(after.entry, after.entry, including=True)):
            yield subscription.wanted(lines_of(entry)[after.n_had :])
    place = after.entry
    while entries := _answered(await log.between(place, until)):
        for entry in entries:
            yield subscription.wanted(lines_of(entry))
        place = entries[-1].id or until


def gap(after: str) -> bytes:
    """Return the event that tells a client that events behind `after` are lost to it."""
    return event_bytes("gap", {"reason": f"events after {after} are no longer kept"})


def _answered(answer: Answer | None) -> Answer:
    if answer is None:
        raise LogAwayError
    return answer
