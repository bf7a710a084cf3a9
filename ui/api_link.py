"""What is a browser told about the way to the API? Whether it answers, whether its events come, what fails there."""

import asyncio
import math
from dataclasses import dataclass, field

import orjson

from candlecast.schemas import StreamEvent

# a stream that ends and comes again within it was never gone; in wall seconds
PATIENCE_S = 3.0
# the API sends a heartbeat every 15
_SILENCE_S = 20.0


@dataclass(slots=True)
class Link:
    """What one browser is told about the way to the API."""

    waits_since_s: float
    listening: bool = False
    heard_s: float = -math.inf
    streaming: bool | None = None
    api: bool | None = None
    failing: tuple[str, ...] = ()
    back: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self, event: StreamEvent) -> None:
        """Take an event of the API; its heartbeat says whether it can read events itself."""
        self.listening = event.event != "heartbeat" or event.data.get("live", True)
        self.heard_s = now_s()
        if not self.listening:
            self.waits_since_s = -math.inf
        if self.api is None:
            self.api = True

    def lost(self) -> None:
        """Note that the stream ended; it is asked for again."""
        if self.listening:
            self.listening, self.waits_since_s = False, now_s()

    @property
    def has_news(self) -> bool:
        """Whether events come of which the browser does not know yet."""
        return self.listening and not self.streaming

    def answered(self, failing: tuple[str, ...]) -> None:
        """Take what the API said of itself."""
        self.api, self.failing = True, failing
        self.back.set()

    def unanswered(self) -> None:
        """Take an API that did not say in time how it is for gone, unless its events come."""
        if not self.listening or now_s() - self.heard_s >= PATIENCE_S:
            self.api, self.failing = False, ()
            self.back.clear()

    def told(self) -> bytes:
        """Return the event ``link``; its ``stream`` is null until it is known whether events come."""
        if self.listening:
            self.streaming = now_s() - self.heard_s < _SILENCE_S
        elif now_s() - self.waits_since_s >= PATIENCE_S:
            self.streaming = False
        told = {"api": self.api, "stream": self.streaming, "failing": self.failing}
        return b"event: link\ndata: " + orjson.dumps(told) + b"\n\n"


def now_s() -> float:
    """Return the time of the running loop."""
    return asyncio.get_running_loop().time()
