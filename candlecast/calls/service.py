"""Calls about the service itself, and what it keeps for a page."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from candlecast.calls.call import Call, path_of
from candlecast.schemas import Readiness, Session

_READINESS = TypeAdapter(Readiness)
_SESSION = TypeAdapter(Session)


def readiness_call() -> Call[Readiness]:
    """Return the call for readiness; 503 carries the same body as 200."""
    return Call("/readyz", _READINESS, accepted=frozenset({200, 503}))


def session_call(id_: str) -> Call[Session]:
    """Return the call for what is kept under an id."""
    return Call(path_of("sessions", id_), _SESSION)


def keep_session_call(id_: str, data: Mapping[str, Any]) -> Call[Session]:
    """Return the call that keeps `data` for 24 h."""
    return Call(path_of("sessions", id_), _SESSION, body={"data": dict(data)}, method="PUT")
