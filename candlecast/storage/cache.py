"""What saves work but may vanish? Prices, forecasts and events in Redis, where every failure is a miss."""

import logging
from collections.abc import Awaitable
from typing import Any, TypeVar

import orjson
import redis.asyncio
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PREFIX = "cc:"

_TIMEOUT_S = 1.0

Answer = TypeVar("Answer")


class Cache:
    """Keys under `PREFIX` of one Redis; nothing raises when it is down.

    Parameters
    ----------
    url : str
        ``redis://`` address; "" stands for no Redis at all: every read is a miss.
    """

    def __init__(self, url: str) -> None:
        self._redis = (
            redis.asyncio.Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)
            if url
            else None
        )
        self._down = False

    async def set_price(self, symbol: str, price: dict[str, Any], *, ttl_s: float) -> None:
        """Keep the live price of `symbol`, any JSON object, for `ttl_s` wall seconds."""
        if self._redis is not None:
            await self._ask(self._redis.set(_price_key(symbol), orjson.dumps(price), px=_milliseconds(ttl_s)))

    async def get_price(self, symbol: str) -> dict[str, Any] | None:
        """Return the live price of `symbol`, None for a miss."""
        if self._redis is None:
            return None
        stored = await self._ask(self._redis.get(_price_key(symbol)))
        return None if stored is None else dict(orjson.loads(stored))

    async def set_forecast(self, symbol: str, timeframe: str, horizon: int, *, body: bytes, ttl_s: float) -> None:
        """Keep the encoded forecast of a series for `ttl_s` wall seconds."""
        if self._redis is not None:
            name = _forecast_key(symbol, timeframe, horizon)
            await self._ask(self._redis.set(name, body, px=_milliseconds(ttl_s)))

    async def get_forecast(self, symbol: str, timeframe: str, horizon: int) -> bytes | None:
        """Return the encoded forecast of a series, None for a miss."""
        if self._redis is None:
            return None
        stored = await self._ask(self._redis.get(_forecast_key(symbol, timeframe, horizon)))
        return stored.encode() if isinstance(stored, str) else stored

    async def delete_forecasts(self, symbol: str, timeframe: str, *, horizons: range = range(1, 97)) -> None:
        """Forget the forecasts of a symbol and timeframe, of all `horizons`: newer candles are stored."""
        if self._redis is not None:
            names = [_forecast_key(symbol, timeframe, horizon) for horizon in horizons]
            await self._ask(self._redis.delete(*names))

    async def publish(self, channel: str, payload: dict[str, Any]) -> None:
        """Send an event, as JSON, to whoever listens on `channel`."""
        if self._redis is not None:
            await self._ask(self._redis.publish(PREFIX + channel, orjson.dumps(payload)))

    async def ping(self) -> bool:
        """Tell whether Redis answers."""
        return self._redis is not None and bool(await self._ask(self._redis.ping()))

    async def close(self) -> None:
        """Close the connections."""
        if self._redis is not None:
            await self._redis.aclose()

    async def _ask(self, question: Awaitable[Answer]) -> Answer | None:
        # Said once an outage, not once a call.
        try:
            answer = await question
        except (RedisError, OSError) as error:
            if not self._down:
                logger.warning("Redis does not answer, going on without it: %s", error)
            self._down = True
            return None
        if self._down:
            logger.info("Redis answers again")
        self._down = False
        return answer


def _price_key(symbol: str) -> str:
    return f"{PREFIX}price:{symbol}"


def _forecast_key(symbol: str, timeframe: str, horizon: int) -> str:
    return f"{PREFIX}forecast:{symbol}:{timeframe}:{horizon}"


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1_000))
