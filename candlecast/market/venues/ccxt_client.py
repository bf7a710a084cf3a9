"""ccxt's client of one venue, with every call on its way to and from the network in our hands."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import ccxt
import ccxt.async_support
import ccxt.pro

from candlecast.errors import SourceRateLimitedError, SourceUnavailableError
from candlecast.market.venues.broken import BROKEN_ANSWER
from candlecast.market.venues.ccxt_errors import (
    DEFAULT_RETRY_AFTER_S,
    RATE_LIMITS,
    raise_for_status,
    shorten,
)
from candlecast.market.venues.dialects.dialect import Dialect
from candlecast.market.venues.endless import bound_powers, bounded_precision
from candlecast.market.venues.limits import Limiter

TIMEOUT_MS = 10_000
CLOSE_PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Access:
    """How a venue is reached.

    Parameters
    ----------
    base_url : str
        One server that stands in for all hosts of the venue; "" for the venue itself.
    limiter : Limiter, optional
        Asked before each request; None: ccxt spaces out calls of a real venue, and none of a stand-in.
    """

    base_url: str = ""
    limiter: Limiter | None = None


def open_client(name: str, dialect: Dialect, access: Access) -> Any:
    """Return ccxt's client of the venue called `name`, not connected yet; close it with `close_client`."""
    client_type = getattr(ccxt.pro, name, None) or getattr(ccxt.async_support, name)
    limited = access.limiter is not None or not access.base_url
    client = client_type({"enableRateLimit": limited, "timeout": TIMEOUT_MS} | dict(dialect.config))
    client.options["defaultType"] = "spot"
    bound_powers()
    client.parse_precision = bounded_precision(client.parse_precision)
    # Names and precisions of coins are not needed, and are calls of their own.
    client.has["fetchCurrencies"] = False
    if access.base_url:
        # The wait is for TLS to say goodbye; certificates take 0.1 s to read.
        client.timeout_on_exit = 0
        client.verify = access.base_url.startswith("https:")
    _Wire(client, name, dialect, access)
    return client


async def close_client(client: Any) -> None:
    """Close all connections of `client`; a server that does not say goodbye is not waited for."""
    sockets = [socket.close() for socket in (client.clients or {}).values()]
    try:
        async with asyncio.timeout(CLOSE_PATIENCE_S):
            await asyncio.gather(*sockets, return_exceptions=True)
    except TimeoutError:
        # The cancelled calls have cut their connections.
        pass
    await client.close()


class _Wire:
    # Stands between ccxt and the network: another address, the limiter, answers that ccxt misreads.

    def __init__(self, client: Any, name: str, dialect: Dialect, access: Access) -> None:
        self._name, self._title = name, str(client.name)
        self._base_url = access.base_url.rstrip("/")
        self._limiter = access.limiter
        self._read_used_share = dialect.used_share
        self._used_share: float | None = None
        self._send, self._check, self._socket = client.fetch, client.handle_errors, client.client
        client.fetch, client.handle_errors, client.client = self.fetch, self.check, self.socket
        if access.limiter is not None:
            client.throttle = self.throttle

    async def throttle(self, cost: float | None = None) -> None:
        if self._limiter is not None:
            await self._limiter.take(self._name, 1.0 if cost is None else float(cost))

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        try:
            answer = await self._send(self._reroute(url), method, headers, body)
        except (SourceRateLimitedError, *RATE_LIMITS) as error:
            wait_s = getattr(error, "retry_after_s", DEFAULT_RETRY_AFTER_S)
            await self._observe(used_share=None, retry_after_s=wait_s)
            raise
        # ccxt has just called `check` for this answer, and nothing else since.
        if self._used_share is not None:
            await self._observe(used_share=self._used_share, retry_after_s=None)
        return answer

    def check(self, code: int, reason: str, *rest: Any) -> Any:
        headers: Mapping[str, str] = rest[2]
        self._used_share = self._read_used_share(headers) if self._read_used_share is not None else None
        raise_for_status(self._title, code, headers)
        # ccxt reads candles of zeros from a broken answer.
        if code == 200 and rest[4] is None:
            raise SourceUnavailableError(f"{self._title} answered something that is not JSON; try again")
        return self._check(code, reason, *rest)

    def socket(self, url: str) -> Any:
        socket = self._socket(self._reroute(url))
        if "handle_message" not in vars(socket):
            socket.handle_message = partial(_handle_or_break, socket, socket.handle_message)
        return socket

    async def _observe(self, *, used_share: float | None, retry_after_s: float | None) -> None:
        if self._limiter is not None:
            await self._limiter.observe(self._name, used_share=used_share, retry_after_s=retry_after_s)

    def _reroute(self, url: str) -> str:
        if not self._base_url:
            return url
        scheme, _, rest = url.partition("://")
        base_url = self._base_url.replace("http", "ws", 1) if scheme.startswith("ws") else self._base_url
        return f"{base_url}/{rest.partition('/')[2]}"


def _handle_or_break(socket: Any, handle: Any, message: Any) -> None:
    # ccxt stops reading without a word after a message that it cannot read: end the connection instead.
    try:
        handle(message)
    except (*BROKEN_ANSWER, ccxt.BaseError) as error:
        socket.on_error(ccxt.BadResponse(f"a broken message: {shorten(error)}"))
