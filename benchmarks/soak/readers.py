"""Readers of all stacks, in a process of their own: load at even intervals, probes each second, eyes on each close.

``python -m benchmarks.soak.readers ORDER NOTES``: reads what to do from the JSON file ORDER, appends a line of JSON a
wall second and stack to NOTES, and ends with the course.
"""

import asyncio
import json
import math
import random
import sys
import time
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.soak.notes import Notes, Second
from benchmarks.soak.questions import MIX, PROBES, Asked, Questions, forecasts_of, wrong
from benchmarks.soak.wire import Wire
from candlecast.clock import ReplayClock, wall_s

TRY_S, RETRY_AFTER_S = 1.0, 0.25
ANSWER_LIMIT_S = 10.0
FOLLOW_S = 0.05
# a probe of a second may be answered two tries later
WRITE_EVERY_S, NOTED_AFTER_S = 1.0, 5.0


class Reader:
    """Reads one stack.

    Parameters
    ----------
    place : int
        Of the stack.
    order : mapping
        Names, timeframe, length of a candle in market seconds, ports, rate, clock.
    seed : int
        Of the order of questions.
    """

    def __init__(self, place: int, order: dict[str, Any], *, seed: int) -> None:
        self.notes = Notes(place)
        self._rate = float(order["rate"])
        self._candle = timedelta(seconds=order["candle_s"])
        self._questions = Questions(order["names"], order["timeframe"], self._candle)
        self._names = list(order["names"])
        self._wire = Wire(api_port=order["api_port"], page_port=order["page_port"])
        clock = order["clock"]
        self._clock = ReplayClock(
            wall_anchor_s=clock["wall_anchor_s"],
            market_anchor=datetime.fromisoformat(clock["market_anchor"]),
            end=datetime.fromisoformat(clock["end"]),
            speed=clock["speed"],
        )
        self._rng = random.Random(seed)
        self._began_s = time.monotonic()

    async def load(self, seconds: float) -> None:
        """Send requests of `MIX` at even intervals, whatever comes back."""
        routes = self._rng.choices(list(MIX), list(MIX.values()), k=round(self._rate * seconds))
        async with asyncio.TaskGroup() as group:
            for number, route in enumerate(routes):
                due_s = self._began_s + number / self._rate
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                group.create_task(self._request(self._questions.ask(route), due_s))

    async def probe(self, seconds: int) -> None:
        """Ask each route once a wall second, and once more where it was not right."""
        async with asyncio.TaskGroup() as group:
            for second in range(seconds):
                await asyncio.sleep(max(0.0, self._began_s + second - time.monotonic()))
                for route in PROBES:
                    group.create_task(self._probe(route, second))

    async def follow(self, seconds: float) -> None:
        """Note when the forecast of each close is first readable."""
        end_s, close = self._began_s + seconds, self._next_close()
        while time.monotonic() + self._clock.wall_s_until(close + self._candle) < end_s:
            await asyncio.sleep(self._clock.wall_s_until(close))
            await self._follow(close)
            close += self._candle

    async def _follow(self, close: datetime) -> None:
        closed_s = wall_s() - (self._clock.now() - close).total_seconds() / self._clock.speed
        pending = set(self._names)
        while pending and self._clock.now() < close + self._candle:
            asked = self._questions.batch(sorted(pending))
            status, body = await self._wire.ask(asked, limit_s=ANSWER_LIMIT_S)
            if status == 200:
                seen = {name for name, as_of in forecasts_of(asked, body) if as_of >= close}
                self._second().delays_s += [wall_s() - closed_s] * len(seen)
                pending -= seen
            await asyncio.sleep(FOLLOW_S)
        self._second().n_unseen += len(pending)

    async def _request(self, asked: Asked, due_s: float) -> None:
        status, body = await self._wire.ask(asked, limit_s=ANSWER_LIMIT_S)
        note = self._second()
        note.latencies_ms[asked.route].append(1_000 * (time.monotonic() - due_s))
        if reason := wrong(asked, status, body, now=self._clock.now()):
            note.failures.append(f"{asked.route}: {reason}")

    async def _probe(self, route: str, second: int) -> None:
        began_s = time.monotonic()
        reason = await self._try(route)
        if reason:
            await asyncio.sleep(max(0.0, began_s + RETRY_AFTER_S - time.monotonic()))
            reason = await self._try(route)
        self.notes.of(second).probes[route] = reason

    async def _try(self, route: str) -> str:
        asked = self._questions.ask(route)
        status, body = await self._wire.ask(asked, limit_s=TRY_S)
        return wrong(asked, status, body, now=self._clock.now())

    def _next_close(self) -> datetime:
        length_s = self._candle.total_seconds()
        return datetime.fromtimestamp((self._clock.now().timestamp() // length_s + 1) * length_s, UTC)

    def _second(self) -> Second:
        return self.notes.of(int(time.monotonic() - self._began_s))


async def _read(order: dict[str, Any], file: Path) -> None:
    seconds = float(order["seconds"])
    readers = [Reader(place, one, seed=order["seed"] + place) for place, one in enumerate(order["stacks"])]
    began_s = time.monotonic()

    def write(*, until: float) -> None:
        with file.open("a") as notes:
            for reader in readers:
                notes.writelines(reader.notes.lines(until=until))

    async def write_ever_on() -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            write(until=time.monotonic() - began_s - NOTED_AFTER_S)

    writing = asyncio.create_task(write_ever_on())
    works: list[Coroutine[Any, Any, None]] = []
    for reader in readers:
        works += [reader.load(seconds), reader.probe(int(seconds)), reader.follow(seconds)]
    await asyncio.gather(*works)
    writing.cancel()
    write(until=math.inf)


if __name__ == "__main__":
    uvloop.run(_read(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])))
