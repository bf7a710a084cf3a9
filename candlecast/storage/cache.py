"""What saves work but may vanish? Prices, forecasts, events and locks in Redis, where every failure is a miss."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

import orjson
from redis.asyncio import Redis

from candlecast.storage import locks
from candlecast.storage.answers import AnswerCache
from candlecast.storage.counted_reads import CountedReads, ReadTotals
from candlecast.storage.event_log import EventLog
from candlecast.storage.redis_link import RedisLink, key, milliseconds

# symbol, timeframe, horizon
Series = tuple[str, str, int]

# The horizons that were ever cached are few, those that could have been are 96 a series.
_HORIZONS = key("forecast-horizons")
_FORGET = """
local horizons = redis.call('SMEMBERS', KEYS[1])
for _, series in ipairs(ARGV) do
    for _, horizon in ipairs(horizons) do redis.call('UNLINK', series .. ':' .. horizon) end
end
return #horizons
"""


class Cache:
    """Keys of one Redis; nothing raises when it is down. Belongs to one event loop.

    Parameters
    ----------
    url : str
        ``redis://`` address; "" stands for no Redis at all: every read is a miss.

    Attributes
    ----------
    answers : AnswerCache
        What venues answered.
    log : EventLog
        What was published lately.
    """

    def __init__(self, url: str) -> None:
        self._link = RedisLink(url)
        self._reads = CountedReads(self._link)
        self.answers = AnswerCache(self._link, self._reads)
        self.log = EventLog(self._link)

    async def set_prices(
        self, prices: Mapping[str, dict[str, Any]], *, ttl_s: float, only_missing: bool = False
    ) -> None:
        """Keep the live price of each symbol for `ttl_s` wall seconds, in one round trip.

        Parameters
        ----------
        prices : mapping of str to dict
            By symbol: ``price``, ``source`` and ``at``, the market time in ISO 8601.
        ttl_s : float
            Wall seconds.
        only_missing : bool
            Leave prices that are there alone.
        """
        if not prices:
            return

        async def question(redis: Redis) -> None:
            pipe = redis.pipeline(transaction=False)
            for symbol, price in prices.items():
                pipe.set(key("price", symbol), orjson.dumps(price), px=milliseconds(ttl_s), nx=only_missing)
            await pipe.execute()

        await self._link.ask(question)

    async def get_prices(self, symbols: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return the live prices of those symbols that have one."""
        found = await self._reads.read("price", [key("price", symbol) for symbol in symbols])
        pairs = zip(symbols, found, strict=True)
        return {symbol: orjson.loads(value) for symbol, value in pairs if value is not None}

    async def set_forecasts(self, bodies: Mapping[Series, tuple[bytes, float]]) -> None:
        """Keep encoded forecasts, each with its time to live in wall seconds, in one round trip."""
        if not bodies:
            return

        async def question(redis: Redis) -> None:
            pipe = redis.pipeline(transaction=False)
            pipe.sadd(_HORIZONS, *{horizon for _, _, horizon in bodies})
            for series, (body, ttl_s) in bodies.items():
                pipe.set(key("forecast", *series), body, px=milliseconds(ttl_s))
            await pipe.execute()

        await self._link.ask(question)

    async def get_forecasts(self, series: Sequence[Series]) -> list[bytes | None]:
        """Return the encoded forecast of each series, None for a miss."""
        return await self._reads.read("forecast", [key("forecast", *one) for one in series])

    async def peek_forecasts(self, series: Sequence[Series]) -> list[bytes | None]:
        """Return encoded forecasts as `get_forecasts` does, without counting: nobody waits for them."""
        return await self._reads.peek([key("forecast", *one) for one in series])

    def note_forecast_hits(self, n: int) -> None:
        """Count `n` forecasts that were answered from the memory of this process."""
        self._reads.note("forecast", "hit", n)

    async def forget_forecasts(self, symbols: Sequence[str], timeframe: str, horizon: int) -> None:
        """Forget the forecasts of a timeframe and horizon: another model is promoted."""
        names = [key("forecast", symbol, timeframe, horizon) for symbol in symbols]
        if names:
            await self._link.ask(lambda redis: redis.unlink(*names))

    async def stored(self, timeframe: str, closes: Mapping[str, datetime]) -> None:
        """Tell that candles were stored or revised: stale forecasts are forgotten, listeners hear it.

        Parameters
        ----------
        timeframe : str
            Of the candles.
        closes : mapping of str to datetime
            By symbol: close time of the newest candle that was written. All go in one round trip.
        """
        if not closes:
            return
        events = [
            {"symbol": symbol, "timeframe": timeframe, "close_time": close.isoformat()}
            for symbol, close in closes.items()
        ]

        async def question(redis: Redis) -> None:
            pipe = redis.pipeline(transaction=False)
            pipe.eval(_FORGET, 1, _HORIZONS, *(key("forecast", symbol, timeframe) for symbol in closes))
            self.log.add_to(pipe, "candles", events)
            await pipe.execute()

        await self._link.ask(question)

    def lock(self, name: str, *, ttl_s: float) -> AbstractAsyncContextManager[bool]:
        """Return a context that yields whether the lock was got, and keeps it while the block runs.

        Locks only save work: the protected act must be idempotent, because without Redis everybody
        gets the lock.

        Parameters
        ----------
        name : str
            What is protected.
        ttl_s : float
            Wall seconds after which the lock of a holder that died is free.
        """
        return locks.hold(self._link, name, ttl_s=ttl_s)

    async def read_totals(self) -> ReadTotals | None:
        """Return how many reads of all processes were hits, None when Redis does not answer."""
        return await self._reads.totals()

    async def publish(self, channel: str, payload: dict[str, Any]) -> None:
        """Send an event, as JSON, to whoever listens on `channel`."""
        await self.log.append(channel, [payload])

    async def publish_many(self, channel: str, payloads: Sequence[dict[str, Any]]) -> None:
        """Send events that belong together, in one round trip; `batches` gives them together."""
        await self.log.append(channel, payloads)

    async def batches(self, channel: str) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield what is published on `channel` from now on, for ever, each time what was published together.

        Events sent before Redis was first reached are lost, and those that it lost itself.
        """
        async for entry in self.log.follow():
            if entry.channel == channel:
                yield list(entry.payloads)

    async def events(self, channel: str) -> AsyncIterator[dict[str, Any]]:
        """Yield the events of `channel` from now on, for ever, one by one; see `batches`."""
        async for batch in self.batches(channel):
            for payload in batch:
                yield payload

    async def ping(self) -> bool:
        """Tell whether Redis answers."""
        return bool(await self._link.ask(lambda redis: redis.ping()))

    async def close(self) -> None:
        """Send what is still counted and close the connections."""
        await self.answers.close()
        await self._reads.flush()
        await self._link.close()
