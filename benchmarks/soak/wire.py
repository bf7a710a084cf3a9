"""Connections of readers to one stack, kept open and used again."""

import asyncio
from collections import defaultdict
from contextlib import suppress

from benchmarks.open_loop import Line, exchange
from benchmarks.soak.questions import Asked

_ANSWER_BYTES = 2**24
_ENDED = (OSError, asyncio.IncompleteReadError)


class Wire:
    """Sends questions to the API and the page of a stack.

    Parameters
    ----------
    api_port, page_port : int
        Of loopback.
    """

    def __init__(self, *, api_port: int, page_port: int) -> None:
        self._api_port = api_port
        self._page_port = page_port
        self._free: dict[int, list[Line]] = defaultdict(list)

    async def ask(self, asked: Asked, *, limit_s: float) -> tuple[int, bytes]:
        """Return status and body of the answer; status 0 and the reason where there was none within `limit_s`."""
        port = self._page_port if asked.route == "page" else self._api_port
        try:
            async with asyncio.timeout(limit_s):
                return await self._on_a_line(port, asked.request)
        except TimeoutError:
            return 0, f"no answer within {limit_s:g} s".encode()
        except (*_ENDED, ValueError, IndexError, asyncio.LimitOverrunError) as error:
            return 0, repr(error).encode()

    async def _on_a_line(self, port: int, request: bytes) -> tuple[int, bytes]:
        if self._free[port]:
            # a server may end a kept connection while the request is on its way; any client then opens another
            with suppress(*_ENDED):
                return await self._send(port, self._free[port].pop(), request)
        return await self._send(port, await asyncio.open_connection("127.0.0.1", port, limit=_ANSWER_BYTES), request)

    async def _send(self, port: int, line: Line, request: bytes) -> tuple[int, bytes]:
        try:
            status, head, body = await exchange(line, request)
        except BaseException:
            # when given up in time, too: the answer may still come, and is not that of the next question
            line[1].close()
            raise
        if "\r\nconnection: close" in head:
            line[1].close()
        else:
            self._free[port].append(line)
        return status, body
