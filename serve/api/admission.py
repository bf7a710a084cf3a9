"""How much heavy work may wait in a replica? A little; the rest is refused at once, mostly before it is even read."""

import asyncio
import time
from collections.abc import Mapping
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.api.bodies import given_on, whole_body
from serve.api.problems import ProblemError, refuse

Route = tuple[str, str]

# two batches of 1,000 forecasts, each of which holds the event loop for as long as it takes to write them
TOGETHER: Mapping[Route, int] = MappingProxyType({("POST", "/v1/forecasts"): 128 * 1_024})
_SLOT = "candlecast.slot"
# a batch takes some milliseconds; one that waited long itself shall not keep the others out as long again
_LONGEST_REST_S = 0.1
# a body of 1,000 forecasts has 60 kB
_LONGEST_BODY_S = 10.0


class Room:
    """How much of one route's work is under way.

    Parameters
    ----------
    most : int
        How many bytes of requests may be worked on at once.

    Attributes
    ----------
    held : int
        Bytes that are worked on, and of places that rest.
    n_refused : int
        Requests that found no place.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0
        self.n_refused = 0

    def require(self, n_bytes: int, route: Route) -> None:
        """Refuse a request that finds no place.

        Raises
        ------
        ProblemError
            When less than `n_bytes` are free.
        """
        if self.held + n_bytes > self.most:
            self.n_refused += 1
            detail = f"{' '.join(route)} is busy with {self.held} of {self.most} bytes; try again in 1 s"
            raise ProblemError(status=429, title="Too many requests", detail=detail)


class Slot:
    """The place of one request among those of its route that are worked on.

    Parameters
    ----------
    room : Room
        Of the route.
    n_bytes : int
        Of the request's body.
    """

    def __init__(self, room: Room, n_bytes: int) -> None:
        self._room = room
        self._held = n_bytes
        self._began_s, self._n_refused = time.monotonic(), room.n_refused
        room.held += n_bytes

    def free(self) -> None:
        """Give the place back; a second time does nothing.

        Where others were refused meanwhile, it rests for as long as it was taken: who is let in next
        finds the event loop done with the refusals that came up behind this one.
        """
        n_bytes, self._held = self._held, 0
        if not n_bytes or self._room.n_refused == self._n_refused:
            self._give_back(n_bytes)
            return
        rest_s = min(_LONGEST_REST_S, time.monotonic() - self._began_s)
        asyncio.get_running_loop().call_later(rest_s, self._give_back, n_bytes)

    def _give_back(self, n_bytes: int) -> None:
        self._room.held -= n_bytes


class Admission:
    """Lets a bounded amount of heavy work in and answers 429 to the rest, so that what is let in stays quick.

    A request weighs as much as its body. One is let in always, whatever it weighs. A place is taken only once the body
    is there: who sends slowly keeps nobody out.

    Parameters
    ----------
    app : ASGI application
        What answers.
    together : mapping of (method, path) to int
        How many bytes of a route's requests are worked on at once.
    """

    def __init__(self, app: ASGIApp, together: Mapping[Route, int] = TOGETHER) -> None:
        self._app = app
        self._rooms = {route: Room(most) for route, most in together.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or refuse it."""
        route = (scope.get("method", ""), scope.get("path", ""))
        room = self._rooms.get(route)
        if room is None:
            await self._app(scope, receive, send)
            return
        n_bytes = min(room.most, _n_bytes(scope) or room.most)
        try:
            room.require(n_bytes, route)
            body = await _body(receive, route)
            # others may have come before its end
            room.require(n_bytes, route)
        except ProblemError as problem:
            await refuse(scope, receive, send, status=problem.status, title=problem.title, detail=str(problem))
            return
        slot = scope[_SLOT] = Slot(room, n_bytes)
        try:
            # those that came at the same moment are counted before this one keeps the loop busy
            await asyncio.sleep(0)
            await self._app(scope, given_on(body, receive), send)
        finally:
            slot.free()


def wait_elsewhere(scope: Scope) -> None:
    """Give back the place of a request that goes on waiting for another deployment, which has a queue of its own."""
    if (slot := scope.get(_SLOT)) is not None:
        slot.free()


async def _body(receive: Receive, route: Route) -> Message:
    try:
        return await whole_body(receive, limit_s=_LONGEST_BODY_S)
    except TimeoutError as error:
        detail = f"the body of {' '.join(route)} was not whole after {_LONGEST_BODY_S:g} s; send it faster or in parts"
        raise ProblemError(status=408, title="Body too slow", detail=detail) from error
    except HTTPException as error:
        raise ProblemError(status=error.status_code, title="Content too large", detail=error.detail) from error


def _n_bytes(scope: Scope) -> int | None:
    # None: it does not say
    given = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(given) if given.isdigit() and len(given) < 12 else None
