"""Who hears an event? One reader of the log a replica, and a queue of bounded length for every client."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextvars import Context

import structlog

from candlecast.clock import Clock, SystemClock
from candlecast.errors import CandlecastError
from candlecast.storage.event_log import EventLog, Position
from candlecast.storage.redis_link import PATIENCE_S, RedisLink
from candlecast.telemetry.meters import STREAM_CLIENTS
from serve.draining import drained
from serve.missed_events import LogAwayError, gap, missed
from serve.server_events import GREETING, Line, Place, event_bytes, lines_of
from serve.subscription import Subscription

HEARTBEAT_S = 15.0
_AWAY_S = 1.0

log = structlog.get_logger(__name__)


class StreamUnavailableError(CandlecastError):
    """Events cannot be told now: Redis is away, or as many clients listen as may."""

    status = 503
    title = "Stream unavailable"


class EventHub:
    """Reads the log while anybody listens, and tells every listener.

    Parameters
    ----------
    log : EventLog
        The events of all processes.
    clock : Clock
        Market time, told with each heartbeat.
    n_max : int
        Most clients at once.
    heartbeat_s : float
        Wall seconds between two heartbeats.
    """

    def __init__(self, log: EventLog, *, clock: Clock, n_max: int, heartbeat_s: float = HEARTBEAT_S) -> None:
        self._log, self._clock, self._n_max, self._heartbeat_s = log, clock, n_max, heartbeat_s
        self._open: set[Subscription] = set()
        self._position: Position | None = None
        self._reachable = True
        self._stopping = False
        self._work: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    async def listen(
        self, symbols: frozenset[str], *, after: Place | None, address: tuple[str, int] | None
    ) -> AsyncGenerator[bytes]:
        """Return the stream of one client, to be sent as it is.

        Parameters
        ----------
        symbols : frozenset of str
            Events about other symbols are left out; empty: none is.
        after : Place or None
            What the client has already; None: it wants what comes from now on.
        address : (str, int) or None
            Where this replica is asked for its health: its streams end when it is about to stop.

        Raises
        ------
        StreamUnavailableError
            When Redis does not answer, `n_max` clients listen, or the replica is about to stop.
        """
        stream = self._told(Subscription(symbols), after=after, address=address)
        # it counts as listening from here on, whether it takes anything or not
        await anext(stream)
        return stream

    def _check_room(self) -> None:
        if self._stopping:
            raise StreamUnavailableError("this replica is about to stop; connect again to reach another one")
        if len(self._open) >= self._n_max:
            raise StreamUnavailableError(
                f"{self._n_max} clients listen to this replica, which is its limit; try again later "
                "or raise CANDLECAST_API__STREAM_CLIENTS"
            )

    async def _told(
        self, subscription: Subscription, *, after: Place | None, address: tuple[str, int] | None
    ) -> AsyncGenerator[bytes]:
        self._check_room()
        # nothing is awaited from here to the queue: what comes behind this position is in it
        now = (await self._start(address)).kept
        self._check_room()
        self._open.add(subscription)
        STREAM_CLIENTS.set(len(self._open))
        try:
            yield b""
            yield GREETING
            if after is not None:
                async for chunk in missed(self._log, subscription, after=after, until=now):
                    yield chunk
            yield self._heartbeat(now)
            async for chunk in subscription.chunks():
                yield chunk
        except LogAwayError:
            # no heartbeat that moves its place: the client comes again for what it has not heard
            log.warning("a stream ends, what its client missed cannot be read")
        finally:
            self._open.discard(subscription)
            STREAM_CLIENTS.set(len(self._open))
            if not self._open and self._work is not None:
                self._work.cancel()
                self._work = None

    async def _start(self, address: tuple[str, int] | None) -> Position:
        async with self._starting:
            if self._position is None or self._work is None:
                self._position = await self._log.end()
                if self._position is None:
                    raise StreamUnavailableError(
                        "Redis does not answer, and events come through it; try again later, or poll the other routes"
                    )
                # for all listeners: what it logs shall not name the request of the first one
                self._work = asyncio.create_task(self._run(address), context=Context())
        return self._position

    async def _run(self, address: tuple[str, int] | None) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read())
                group.create_task(self._beat())
                group.create_task(self._watch(address))
        except Exception:
            # nobody awaits this task: streams that tell nothing would look well
            log.exception("events are no longer read")
            self._work = None
            self._end_all()

    async def _read(self) -> None:
        while True:
            assert self._position is not None
            if not self._reachable and await self._log.forgot(self._position.kept):
                self._offer([Line(None, gap(self._position.kept))])
            found = await self._log.read(self._position, wait_s=PATIENCE_S)
            self._reachable = found is not None
            if found is None:
                await asyncio.sleep(_AWAY_S)
                continue
            entries, self._position = found
            for entry in entries:
                self._offer(lines_of(entry))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_s)
            assert self._position is not None
            self._offer([Line(None, self._heartbeat(self._position.kept))])

    async def _watch(self, address: tuple[str, int] | None) -> None:
        if address is None:
            return
        await drained(*address)
        log.info("the replica stops, its streams end", n=len(self._open))
        self._stopping = True
        self._end_all()

    def _end_all(self) -> None:
        for subscription in self._open:
            subscription.end()

    def _offer(self, lines: Sequence[Line]) -> None:
        if lines:
            for subscription in self._open:
                subscription.offer(lines)

    def _heartbeat(self, id_: str) -> bytes:
        facts = {"market_time": self._clock.now().isoformat(), "live": self._reachable}
        return event_bytes("heartbeat", facts, id_=id_)


def silent_hub() -> EventHub:
    """Return the hub of a service without Redis: it refuses every client."""
    return EventHub(EventLog(RedisLink("")), clock=SystemClock(), n_max=1)
