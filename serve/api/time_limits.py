"""How long may a request take? A limit a route, none for the stream."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.api.problems import refuse

# by the start of the path; transformers and cold batches take longest
LIMITS_S: Mapping[str, float | None] = MappingProxyType(
    {"/v1/stream": None, "/v1/sentiment": 60.0, "/v1/forecasts": 30.0, "/v1/jobs": 60.0}
)
DEFAULT_LIMIT_S = 15.0


class TimeLimits:
    """Gives up requests that take too long, with a problem that says so.

    Parameters
    ----------
    app : ASGI application
        What answers.
    limits_s : mapping of str to float or None
        Wall seconds by the start of the path; None: no limit.
    """

    def __init__(self, app: ASGIApp, limits_s: Mapping[str, float | None] = LIMITS_S) -> None:
        self._app = app
        self._limits_s = limits_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request in time."""
        limit_s = self._limit_s(scope)
        if limit_s is None:
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            async with asyncio.timeout(limit_s) as timer:
                await self._app(scope, receive, send_noted)
        except TimeoutError:
            # half an answer cannot be taken back: the connection is cut
            if has_begun or not timer.expired():
                raise
            detail = f"{scope['method']} {scope['path'][:200]} was given up after {limit_s:.0f} s; try again later"
            await refuse(scope, receive, send, status=503, title="Took too long", detail=detail)

    def _limit_s(self, scope: Scope) -> float | None:
        if scope["type"] != "http":
            return None
        path: str = scope["path"]
        return next((limit for start, limit in self._limits_s.items() if path.startswith(start)), DEFAULT_LIMIT_S)
