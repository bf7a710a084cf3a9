"""The supervisor of ingestion: makes the actors, asks how they are, replaces them, moves their symbols."""

import asyncio
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import ray
import structlog
from ray.exceptions import RayError
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from candlecast.logs import configure_logs
from candlecast.market.symbols import Symbol
from candlecast.settings import Settings
from candlecast.telemetry import meters
from candlecast.telemetry.publishing import publish_metrics
from cluster.actors.crew import Member, Patience, plan_crew
from cluster.actors.ingest import Health, IngestActor, ShardMaker, open_shard
from cluster.ingest_share import reserve_share
from cluster.resources import INGEST_ACTOR

_CLOSE_S = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """What a supervisor keeps going.

    Parameters
    ----------
    settings : Settings
        Given to each actor.
    symbols : tuple of Symbol
        All that are followed.
    n_actors : int
        Among which the symbols are shared out.
    version : str
        Digest of settings and code; a supervisor of another version is replaced.
    make_shard : callable
        Makes what an actor runs.
    patience : Patience
        When an actor is given up.
    """

    settings: Settings
    symbols: tuple[Symbol, ...]
    n_actors: int
    version: str
    make_shard: ShardMaker = open_shard
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True)
class ActorState:
    """How one actor is.

    Parameters
    ----------
    number : int
        Its place.
    pid : int or None
        Its process; None until it answers.
    symbols : tuple of str
        What it follows by its own word.
    n_losses : int
        How often its place was filled again.
    newest_close : datetime or None
        Newest close that it stored.
    venues : dict of str to str
        State of each venue's breaker as it sees them.
    """

    number: int
    pid: int | None
    symbols: tuple[str, ...]
    n_losses: int
    newest_close: datetime | None
    venues: dict[str, str]


@ray.remote
class SupervisorActor:
    """Owns the actors of ingestion: when it ends they end, and when it comes back it makes them again.

    Parameters
    ----------
    plan : IngestPlan
        What to keep going.
    """

    async def __init__(self, plan: IngestPlan) -> None:
        configure_logs(plan.settings, program="supervisor", of_ray=True)
        publish_metrics(plan.settings, program="supervisor")
        self._plan = plan
        self._share = reserve_share(plan.n_actors)
        self._crew = [Member(plan.patience) for _ in range(plan.n_actors)]
        self._actors: dict[int, Any] = {}
        self._runs: dict[int, asyncio.Task[None]] = {}
        self._health: dict[int, Health] = {}
        self._pids: dict[int, int] = {}
        self._wake = asyncio.Event()
        self._watching = asyncio.create_task(self._watch())

    async def version(self) -> str:
        """Return the version of the plan that is kept going."""
        return self._plan.version

    async def pid(self) -> int:
        """Return its process id."""
        return os.getpid()

    async def status(self) -> list[ActorState]:
        """Return how each actor is."""
        return [self._state(number) for number in range(len(self._crew))]

    async def stop(self) -> None:
        """Close all actors, then end them; they are not made again."""
        self._watching.cancel()
        closing = [self._answer(number, "close", within_s=_CLOSE_S) for number in self._actors]
        await asyncio.gather(*closing)
        for number in list(self._actors):
            self._end(number)

    async def _watch(self) -> None:
        while True:
            try:
                await self._round()
            except Exception:
                # the only loop that keeps ingestion alive: whatever failed is tried again
                log.exception("a round of the supervisor failed")
            await self._pause()

    async def _pause(self) -> None:
        # until the next round is due: at once when an actor has ended, or when an empty place may be filled
        now_s = time.monotonic()
        pause_s = min([self._plan.patience.round_s, *(member.vacant_s(now_s) for member in self._crew)])
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._wake.wait()
        self._wake.clear()

    async def _round(self) -> None:
        for number, run in list(self._runs.items()):
            if run.done():
                self._lose(number, _reason(run))
        await asyncio.gather(*(self._ask(number) for number in self._actors))
        for number, member in enumerate(self._crew):
            if (complaint := member.complaint(time.monotonic())) is not None:
                self._lose(number, complaint)
        self._make_missing()
        await self._share_out()

    async def _ask(self, number: int) -> None:
        answer = await self._answer(number, "health", within_s=self._plan.patience.answer_s)
        if answer is not None:
            self._pids[number], health = answer
            self._health[number] = health
            self._crew[number].heard(time.monotonic(), busy_s=health.busy_s)

    def _make_missing(self) -> None:
        now_s = time.monotonic()
        vacant = [number for number, member in enumerate(self._crew) if member.vacant_s(now_s) == 0]
        for number in vacant:
            self._crew[number].started(now_s)
        shards = plan_crew(self._plan.symbols, self._crew)
        for number in vacant:
            place = PlacementGroupSchedulingStrategy(self._share, placement_group_bundle_index=number)
            actor = IngestActor.options(**INGEST_ACTOR, scheduling_strategy=place).remote(
                self._plan.settings, self._plan.make_shard, shards[number]
            )
            self._actors[number], self._runs[number] = actor, asyncio.create_task(self._run(actor))

    async def _share_out(self) -> None:
        shards = plan_crew(self._plan.symbols, self._crew)
        changed = [
            number
            for number, health in self._health.items()
            if set(health.symbols) != {symbol.name for symbol in shards[number]}
        ]
        # who gains comes first: a symbol that moves is rather followed twice than not at all
        for number in sorted(changed, key=lambda number: len(self._health[number].symbols) - len(shards[number])):
            log.info("symbols move", actor=number, had=len(self._health[number].symbols), has=len(shards[number]))
            await self._answer(number, "assign", shards[number], within_s=self._plan.patience.answer_s)

    async def _run(self, actor: Any) -> None:
        try:
            await actor.run.remote()
        finally:
            self._wake.set()

    async def _answer(self, number: int, verb: str, *arguments: Any, within_s: float) -> Any:
        # None when it does not answer: what is to be done about that is decided by the clock
        try:
            async with asyncio.timeout(within_s):
                return await getattr(self._actors[number], verb).remote(*arguments)
        except (RayError, TimeoutError):
            return None

    def _lose(self, number: int, reason: str) -> None:
        log.warning("an ingest actor is replaced", actor=number, reason=reason)
        meters.ACTORS_LOST.inc()
        self._end(number)
        self._crew[number].lost(time.monotonic())

    def _end(self, number: int) -> None:
        ray.kill(self._actors.pop(number))
        self._health.pop(number, None)
        self._pids.pop(number, None)
        self._runs.pop(number).cancel()

    def _state(self, number: int) -> ActorState:
        member, health = self._crew[number], self._health.get(number)
        closes = () if health is None else health.newest_close.values()
        return ActorState(
            number=number,
            pid=self._pids.get(number),
            symbols=() if health is None else tuple(health.symbols),
            n_losses=member.n_losses,
            newest_close=max(closes, default=None),
            venues={} if health is None else dict(health.venues),
        )


def _reason(run: asyncio.Task[None]) -> str:
    error = None if run.cancelled() else run.exception()
    return "it ended" if error is None else str(error).strip().splitlines()[-1]
