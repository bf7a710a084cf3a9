"""What does an open tab ask the page's server? The same requests at the same moments, without a browser."""

import asyncio
import json
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2

# as ui/assets/page.js does: events of one close make one refresh, and no more than one in some seconds
SETTLE_S, LIVE_PAUSE_S = 0.4, 2.5
PATIENCE_S = 60.0
STAGE = "cc-chart"
_CONFIG = "window.gradio_config = "


@dataclass(frozen=True, slots=True)
class Event:
    """One event of Gradio that a refresh fires: its number, and the elements that go in and come out."""

    number: int
    inputs: Sequence[str]
    outputs: Sequence[str]


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the document says about the page: the element that fires, its events, and the kinds it hears."""

    trigger: int
    events: Sequence[Event]

    @classmethod
    def read(cls, document: str) -> "Wiring":
        """Read it from the configuration in a document."""
        config = json.JSONDecoder().raw_decode(document.partition(_CONFIG)[2])[0]
        names = {one["id"]: one["props"].get("elem_id", "") for one in config["components"]}
        top = next(number for number, name in names.items() if name == "cc-top")
        events = [
            Event(one["id"], [names[i] for i in one["inputs"]], [names[i] for i in one["outputs"]])
            for one in config["dependencies"]
            if one["backend_fn"] and [top, "select"] in [list(target) for target in one["targets"]]
        ]
        return cls(top, events)


@dataclass
class PageReader:
    """One reader: a document, a first view, a live stream, and refreshes through Gradio's queue.

    Parameters
    ----------
    client : httpx2.AsyncClient
        Of this reader alone, as a machine of its own would have its own connections.
    """

    client: httpx2.AsyncClient
    wiring: Wiring | None = None
    symbol: str = ""
    held: str = ""
    hears: Sequence[str] = ("candle", "forecast", "news", "drift", "gap")
    session: str = field(default_factory=lambda: secrets.token_hex(6))
    refreshed_s: float = 0.0
    n_refreshes: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self) -> list[str]:
        """Load the page as a tab does, and return the symbols of its watchlist."""
        document = await self.client.get("/")
        self.wiring = Wiring.read(document.raise_for_status().text)
        first = await self.client.post("first/dashboard", content=b"{}")
        values = first.raise_for_status().json()
        self._take(values)
        self.symbol = json.loads(values[STAGE])["key"].rpartition(" ")[0]
        self.refreshed_s = time.monotonic()
        return [symbol for symbol, _ in json.loads(values["cc-top"])["symbols"]]

    async def listen(self) -> None:
        """Hear live events for as long as the tab is open, and refresh at them."""
        async with self.client.stream("GET", "live/stream", timeout=None) as stream:
            async for kind, _ in _events(stream):
                if kind in self.hears and not self._turn.locked():
                    since_s = time.monotonic() - self.refreshed_s
                    await asyncio.sleep(max(SETTLE_S, LIVE_PAUSE_S - since_s))
                    await self.refresh()

    async def switch(self, symbol: str) -> float:
        """Change the symbol, and return the seconds until title, chart and forecast card are here."""
        self.symbol = symbol
        return await self.refresh()

    async def refresh(self) -> float:
        """Fire every event of a refresh, and return the seconds until the stage of the page is here."""
        assert self.wiring is not None
        async with self._turn:
            begun_s = self.refreshed_s = time.monotonic()
            self.n_refreshes += 1
            wanted = dict(await asyncio.gather(*(self._fire(event) for event in self.wiring.events)))
            found_s = begun_s
            async with self.client.stream(
                "GET", "gradio_api/queue/data", params={"session_hash": self.session}, timeout=PATIENCE_S
            ) as answers:
                async for _, told in _events(answers):
                    if told.get("msg") != "process_completed":
                        continue
                    event = wanted.pop(told["event_id"])
                    if not told["success"]:
                        raise SystemExit(f"ui: event {event.outputs} failed: {told['output']}")
                    if STAGE in event.outputs:
                        self._take(dict(zip(event.outputs, told["output"]["data"], strict=True)))
                        found_s = time.monotonic()
                    if not wanted:
                        break
        return found_s - begun_s

    async def _fire(self, event: Event) -> tuple[str, Event]:
        assert self.wiring is not None
        known = {"cc-top": f"?symbol={quote(self.symbol, safe='')}", "cc-title": f"{self.symbol} 1h", STAGE: self.held}
        body = {
            "data": [known.get(name) for name in event.inputs],
            "event_data": {"value": "address"},
            "fn_index": event.number,
            "trigger_id": self.wiring.trigger,
            "session_hash": self.session,
        }
        joined = await self.client.post("gradio_api/queue/join", json=body)
        return joined.raise_for_status().json()["event_id"], event

    def _take(self, values: Mapping[str, str]) -> None:
        self.held = json.loads(values[STAGE]).get("digest", self.held)


@contextmanager
def light_readers(address: str, n_readers: int) -> Iterator[Callable[[str], list[float]]]:
    """Open the page for `n_readers` without a browser; yield what makes each change its symbol in turn."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    clients = [httpx2.AsyncClient(base_url=address, timeout=PATIENCE_S, trust_env=False) for _ in range(n_readers)]
    readers = [PageReader(client) for client in clients]

    async def begin() -> list[asyncio.Task[None]]:
        for reader in readers:
            await reader.open()
        return [asyncio.create_task(reader.listen()) for reader in readers]

    async def switch(symbol: str) -> list[float]:
        return [await reader.switch(symbol) for reader in readers]

    async def end(tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        # one that failed would have left the crowd smaller than it was said to be
        failed = [one for one in await asyncio.gather(*tasks, return_exceptions=True) if isinstance(one, Exception)]
        for client in clients:
            await client.aclose()
        if failed:
            raise failed[0]

    listening = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    try:
        yield lambda symbol: asyncio.run_coroutine_threadsafe(switch(symbol), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(end(listening), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _events(stream: httpx2.Response) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
    """Return the server-sent events of an answer as kind and data."""
    kind = "message"
    async for line in stream.aiter_lines():
        name, _, value = line.partition(":")
        if name == "event":
            kind = value.strip()
        elif name == "data":
            yield kind, json.loads(value)
        elif not line:
            kind = "message"
