"""What a stream pushed and nobody took yet: every closing message, and the newest word on each running candle."""

import asyncio
from collections import deque

from candlecast.market.symbols import Symbol
from candlecast.market.venues.protocol import CandleUpdate


class UpdateBuffer:
    """Lies between a connection and a consumer that may be slower, on one event loop.

    However slow the consumer is, no closing message is lost, no symbol waits behind the running
    candles of another, and the buffer holds one running candle a symbol at most.
    """

    def __init__(self) -> None:
        self._closed: deque[CandleUpdate] = deque()
        self._running: dict[Symbol, CandleUpdate] = {}
        self._changed = asyncio.Event()
        self.ended = False

    def __bool__(self) -> bool:
        return bool(self._closed or self._running)

    def push(self, update: CandleUpdate) -> None:
        """Take in `update`."""
        if update.closed:
            self._closed.append(update)
            running = self._running.get(update.symbol)
            if running is not None and running.open_us <= update.open_us:
                del self._running[update.symbol]
        else:
            # A symbol that waits already keeps its place.
            self._running[update.symbol] = update
        self._changed.set()

    def pop(self) -> CandleUpdate:
        """Return what is to be consumed next: closing messages first, in their order."""
        if self._closed:
            return self._closed.popleft()
        return self._running.pop(next(iter(self._running)))

    def end(self, *_: object) -> None:
        """Note that nothing will be pushed any more; also as a callback of what ended."""
        self.ended = True
        self._changed.set()

    async def wait(self) -> None:
        """Return when something was pushed since the last call, or the end is near."""
        await self._changed.wait()
        self._changed.clear()
