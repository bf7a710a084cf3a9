"""How much heavy work may wait in a replica? A little; the rest is refused at once, before it is even read."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from starlette.types import ASGIApp, Receive, Scope, Send

from serve.api.problems import refuse

Route = tuple[str, str]

# two batches of 1,000 forecasts, each of which holds the event loop for as long as it takes to write them
TOGETHER: Mapping[Route, int] = MappingProxyType({("POST", "/v1/forecasts"): 128 * 1_024})
_SLOT = "candlecast.slot"


class Slot:
    """The place of one request among those of its route that are worked on.

    Parameters
    ----------
    busy : Counter
        How many bytes of each route are worked on.
    route : tuple of (str, str)
        Method and path.
    n_bytes : int
        Of the request's body.
    """

    def __init__(self, busy: Counter[Route], route: Route, n_bytes: int) -> None:
        self._busy = busy
        self._route = route
        self._held = n_bytes
        busy[route] += n_bytes

    def free(self) -> None:
        """Give the place back; a second time does nothing."""
        self._busy[self._route] -= self._held
        self._held = 0


class Admission:
    """Lets a bounded amount of heavy work in and answers 429 to the rest, so that what is let in stays quick.

    A request weighs as much as its body. One is let in always, whatever it weighs.

    Parameters
    ----------
    app : ASGI application
        What answers.
    together : mapping of (method, path) to int
        How many bytes of a route's requests are worked on at once.
    """

    def __init__(self, app: ASGIApp, together: Mapping[Route, int] = TOGETHER) -> None:
        self._app = app
        self._together = together
        self._busy: Counter[Route] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or refuse it."""
        route = (scope.get("method", ""), scope.get("path", ""))
        most = self._together.get(route)
        if most is None:
            await self._app(scope, receive, send)
            return
        n_bytes = min(most, _n_bytes(scope) or most)
        if self._busy[route] + n_bytes > most:
            detail = f"{' '.join(route)} is busy with {self._busy[route]} of {most} bytes; try again in 1 s"
            await refuse(scope, receive, send, status=429, title="Too many requests", detail=detail)
            return
        slot = scope[_SLOT] = Slot(self._busy, route, n_bytes)
        try:
            # those that came at the same moment are counted before this one keeps the loop busy
            await asyncio.sleep(0)
            await self._app(scope, receive, send)
        finally:
            slot.free()


def wait_elsewhere(scope: Scope) -> None:
    """Give back the place of a request that goes on waiting for another deployment, which has a queue of its own."""
    if (slot := scope.get(_SLOT)) is not None:
        slot.free()


def _n_bytes(scope: Scope) -> int | None:
    # None: it does not say
    given = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(given) if given.isdigit() and len(given) < 12 else None
