"""A shard that follows nothing and does as the files in a folder tell it."""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from candlecast.market.symbols import Symbol
from candlecast.settings import Settings

REFUSE, HANG, STUCK = "refuse", "hang", "stuck"


@dataclass(frozen=True)
class FakeHealth:
    symbols: tuple[str, ...]
    busy_s: float
    newest_close: dict[str, datetime] = field(default_factory=dict)
    venues: dict[str, str] = field(default_factory=dict)


class FakeShard:
    """Each process that holds one has a file of its pid in the folder, with the symbols assigned last.

    A file ``refuse`` keeps new shards from starting; ``hang-PID`` blocks that process when it is asked for
    its health, ``stuck-PID`` makes it say that nothing moves. Closed shards leave ``closed-PID``.
    """

    def __init__(self, settings: Settings) -> None:
        self._folder: Path = settings.models.folder
        if (self._folder / REFUSE).exists():
            raise RuntimeError("told to refuse")
        self._symbols: tuple[str, ...] = ()
        self._closed = asyncio.Event()
        self._write()

    async def run(self) -> None:
        await self._closed.wait()

    async def assign(self, symbols: Sequence[Symbol]) -> None:
        self._symbols = tuple(symbol.name for symbol in symbols)
        self._write()

    def health(self) -> FakeHealth:
        if self._told(HANG):
            time.sleep(60)
        return FakeHealth(self._symbols, busy_s=1e6 if self._told(STUCK) else 0.0)

    async def close(self) -> None:
        (self._folder / f"closed-{os.getpid()}").touch()
        self._closed.set()

    def _told(self, what: str) -> bool:
        return (self._folder / f"{what}-{os.getpid()}").exists()

    def _write(self) -> None:
        (self._folder / str(os.getpid())).write_text(",".join(self._symbols))
