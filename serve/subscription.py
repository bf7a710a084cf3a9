"""What has one client of the stream not been sent yet? A queue of bounded length."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

from serve.server_events import Line, event_bytes

_LONGEST_QUEUE = 256


class Subscription:
    """What one client has not been sent yet.

    Parameters
    ----------
    symbols : frozenset of str
        Events about other symbols are left out; empty: none is.
    """

    def __init__(self, symbols: frozenset[str]) -> None:
        self._symbols = symbols
        self._chunks: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._ended = False

    def offer(self, lines: Sequence[Line]) -> None:
        """Queue those of the events that the client wants; a client that is too slow gets an end."""
        chunk = self.wanted(lines)
        if not chunk or self._ended:
            return
        if len(self._chunks) >= _LONGEST_QUEUE:
            reason = f"{_LONGEST_QUEUE} messages wait; connect again with Last-Event-ID for the rest"
            chunk = event_bytes("overflow", {"reason": reason})
            self._ended = True
        self._chunks.append(chunk)
        self._wake.set()

    def wanted(self, lines: Sequence[Line]) -> bytes:
        """Return the bytes of those events that the client wants."""
        if not self._symbols:
            return b"".join([line.body for line in lines])
        return b"".join([line.body for line in lines if line.symbols is None or line.symbols & self._symbols])

    def end(self) -> None:
        """End the stream behind what is queued."""
        self._ended = True
        self._wake.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield what is offered until the end."""
        while self._chunks or not self._ended:
            if not self._chunks:
                self._wake.clear()
                await self._wake.wait()
                continue
            yield self._chunks.popleft()
