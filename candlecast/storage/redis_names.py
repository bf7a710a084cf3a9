"""Names of Redis servers are looked up on their own, before a connection is tried."""

import asyncio
import socket
from typing import Any

from redis.asyncio import Connection, Redis, SSLConnection


def resolve_first(client: Redis) -> None:
    """Have `client` look up the name of its server before each connection.

    uvloop leaves the look-up within a connection attempt behind when the attempt is given up; its
    failure, which nobody takes, would be logged each time.
    """
    pool: Any = client.connection_pool
    pool.connection_class = _SecureResolvesFirst if issubclass(pool.connection_class, SSLConnection) else _ResolvesFirst


class _ResolvesFirst(Connection):
    async def _connect(self) -> None:
        async with asyncio.timeout(self.socket_connect_timeout):
            await asyncio.get_running_loop().getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        await super()._connect()  # type: ignore[no-untyped-call]


class _SecureResolvesFirst(_ResolvesFirst, SSLConnection):
    pass
