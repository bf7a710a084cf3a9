"""Reads of cached values, counted over all processes: how often was the answer there already?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from redis.asyncio import Redis

from candlecast.storage.redis_link import RedisLink, key

Kind = Literal["price", "http", "forecast"]
# hit: it was there · shared: another caller was fetching it already · miss: neither
Outcome = Literal["hit", "shared", "miss"]

_COUNTS = key("reads")


@dataclass(frozen=True, slots=True)
class ReadTotals:
    """How many reads of each kind had which outcome, over all processes since Redis was last empty."""

    counts: Mapping[tuple[Kind, Outcome], int]

    @property
    def hit_rate(self) -> float | None:
        """Return hits / reads, None before the first read; what was shared counts as no hit."""
        reads = sum(self.counts.values())
        hits = sum(n for (_, outcome), n in self.counts.items() if outcome == "hit")
        return hits / reads if reads else None


class CountedReads:
    """Reads values and sends the counts of earlier reads along, so that counting costs no round trip.

    Parameters
    ----------
    link : RedisLink
        Where values and counts are kept.
    """

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._unsent: Counter[str] = Counter()

    async def read(self, kind: Kind, names: Sequence[str]) -> list[bytes | None]:
        """Return the values of the keys `names`, None for each that is not there."""
        values = await self.peek(names)
        n_hits = sum(value is not None for value in values)
        self.note(kind, "hit", n_hits)
        self.note(kind, "miss", len(names) - n_hits)
        return values

    async def peek(self, names: Sequence[str]) -> list[bytes | None]:
        """Return values as `read` does, without counting them."""
        if not names:
            return []
        sent, self._unsent = self._unsent, Counter()

        async def question(redis: Redis) -> list[bytes | None]:
            pipe = redis.pipeline(transaction=False)
            pipe.mget(names)
            for field, n in sent.items():
                pipe.hincrby(_COUNTS, field, n)
            values: list[bytes | None] = (await pipe.execute())[0]
            return values

        values = await self._link.ask(question)
        if values is None:
            self._unsent += sent
            return [None] * len(names)
        return values

    def note(self, kind: Kind, outcome: Outcome, n: int = 1) -> None:
        """Count `n` reads; they are sent along with the next one."""
        if n:
            self._unsent[f"{kind}:{outcome}"] += n

    async def totals(self) -> ReadTotals | None:
        """Return the counts of all processes, None when Redis does not answer."""
        await self.flush()
        stored = await self._link.ask(lambda redis: redis.hgetall(_COUNTS))
        if stored is None:
            return None
        fields = {(kind, outcome): f"{kind}:{outcome}" for kind in get_args(Kind) for outcome in get_args(Outcome)}
        return ReadTotals({pair: int(stored.get(field.encode(), 0)) for pair, field in fields.items()})

    async def flush(self) -> None:
        """Send the counts that no read has taken along yet."""
        sent, self._unsent = self._unsent, Counter()

        async def send(redis: Redis) -> bool:
            pipe = redis.pipeline(transaction=False)
            for field, n in sent.items():
                pipe.hincrby(_COUNTS, field, n)
            await pipe.execute()
            return True

        if sent and await self._link.ask(send) is None:
            self._unsent += sent
