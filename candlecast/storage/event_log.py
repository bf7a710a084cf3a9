"""What happened lately? Events in two Redis streams: readers lose nothing between two reads, and can resume."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from candlecast.storage.redis_link import PATIENCE_S, RedisLink, key

# Live prices are worth nothing a moment later; kept beside the others they would push them out.
PASSING = frozenset({"prices"})
_KEPT_KEY, _PASSING_KEY = key("events"), key("events", "passing")
_KEPT_ENTRIES, _PASSING_ENTRIES = 500, 20
_READ_ENTRIES = 100
_BEGINNING = "0-0"
_AWAY_S = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What was published together.

    Parameters
    ----------
    id : str or None
        Place in the log, as ``1792318800000-0``; None for what is not kept.
    channel : str
        As ``candles``.
    payloads : tuple of dict
        The events, in order.
    """

    id: str | None
    channel: str
    payloads: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader is: the newest entry it has of the events that are kept, and of those that pass."""

    kept: str
    passing: str


class EventLog:
    """Appends and reads events; nothing raises while Redis is away.

    Parameters
    ----------
    link : RedisLink
        Where the events are.
    """

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    async def append(self, channel: str, payloads: Sequence[dict[str, Any]]) -> None:
        """Append events as one entry, in one round trip; without Redis they are lost."""
        if payloads:
            await self._link.ask(lambda redis: _add(redis, channel, payloads))

    def add_to(self, pipe: Pipeline, channel: str, payloads: Sequence[dict[str, Any]]) -> None:
        """Have `pipe` append events as one entry, in the round trip that it makes anyway."""
        _add(pipe, channel, payloads)

    async def end(self) -> Position | None:
        """Return the position behind the newest entry, None when Redis does not answer."""

        async def question(redis: Redis) -> Position:
            pipe = redis.pipeline(transaction=False)
            pipe.xrevrange(_KEPT_KEY, count=1)
            pipe.xrevrange(_PASSING_KEY, count=1)
            return Position(*(rows[0][0].decode() if rows else _BEGINNING for rows in await pipe.execute()))

        return await self._link.ask(question)

    async def read(self, after: Position, *, wait_s: float) -> tuple[list[Entry], Position] | None:
        """Return the entries behind `after` and where they end; waits for the first one.

        Parameters
        ----------
        after : Position
            Where the reader is.
        wait_s : float
            Wall seconds after which there is nothing, up to `RedisLink.PATIENCE_S`.

        Returns
        -------
        (list of Entry, Position) or None
            None when Redis does not answer.
        """
        streams: Any = {_KEPT_KEY: after.kept, _PASSING_KEY: after.passing}
        wait_ms = max(1, round(wait_s * 1_000))
        found = await self._link.ask_patiently(lambda redis: redis.xread(streams, _READ_ENTRIES, wait_ms))
        if found is None:
            return None
        rows = _by_stream(found)
        kept, passing = rows.get(_KEPT_KEY, []), rows.get(_PASSING_KEY, [])
        entries = [_entry(id_, fields) for id_, fields in kept]
        entries += [_entry(None, fields) for _, fields in passing]
        ends = (batch[-1][0] if batch else before for batch, before in ((kept, after.kept), (passing, after.passing)))
        return entries, Position(*ends)

    async def follow(self) -> AsyncIterator[Entry]:
        """Yield what is published from now on, for ever; while Redis is away there is nothing."""
        position = await self.end()
        while True:
            # without Redis at all, or before it was first reached
            found = None if position is None else await self.read(position, wait_s=PATIENCE_S)
            if found is None:
                await asyncio.sleep(_AWAY_S)
                position = position or await self.end()
                continue
            entries, position = found
            for entry in entries:
                yield entry

    async def between(self, after: str, until: str, *, including: bool = False) -> list[Entry] | None:
        """Return the next kept entries with ``after < id <= until``, at most a page; None without Redis.

        Parameters
        ----------
        after, until : str
            Ids of entries.
        including : bool
            The entry `after` too.
        """
        start = after if including else f"({after}"
        rows: Any = await self._link.ask(lambda redis: redis.xrange(_KEPT_KEY, start, until, _READ_ENTRIES))
        return None if rows is None else [_entry(id_.decode(), fields) for id_, fields in rows]

    async def forgot(self, after: str) -> bool | None:
        """Tell whether entries behind `after` are gone: cut off, or lost with their Redis; None without Redis."""

        async def question(redis: Redis) -> bool:
            if not await redis.exists(_KEPT_KEY):
                return after != _BEGINNING
            facts = await redis.xinfo_stream(_KEPT_KEY)
            first, last = facts["first-entry"], facts["last-generated-id"].decode()
            if order(after) > order(last):
                return True
            cut = facts["entries-added"] > facts["length"]
            return cut and (first is None or order(after) < order(first[0].decode()))

        return await self._link.ask(question)


def order(id_: str) -> tuple[int, int]:
    """Return what ids are compared by."""
    milliseconds, _, number = id_.partition("-")
    return int(milliseconds), int(number)


def _add(redis: Any, channel: str, payloads: Sequence[dict[str, Any]]) -> Any:
    passing = channel in PASSING
    name, longest = (_PASSING_KEY, _PASSING_ENTRIES) if passing else (_KEPT_KEY, _KEPT_ENTRIES)
    return redis.xadd(name, {"c": channel, "d": orjson.dumps(list(payloads))}, maxlen=longest, approximate=True)


def _by_stream(found: Any) -> dict[str, list[tuple[str, dict[bytes, bytes]]]]:
    pairs = found.items() if isinstance(found, dict) else found
    return {name.decode(): [(id_.decode(), fields) for id_, fields in rows] for name, rows in pairs}


def _entry(id_: str | None, fields: dict[bytes, bytes]) -> Entry:
    return Entry(id_, fields[b"c"].decode(), tuple(orjson.loads(fields[b"d"])))
