"""Is this replica about to stop? What load balancers ask it, asked by itself: Serve tells its own code nothing."""

import asyncio

_INTERVAL_S, _TIMEOUT_S = 1.0, 2.0
_QUESTION = b"GET /-/healthz HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def drained(host: str, port: int) -> None:
    """Return when the server at an address is about to stop."""
    while True:
        if await is_draining(host, port):
            return
        await asyncio.sleep(_INTERVAL_S)


async def is_draining(host: str, port: int) -> bool:
    """Tell whether the server at an address stops: it says 503, or takes no connection any more.

    A server that has no such route, or is too busy to answer in two seconds, is not draining.
    Nor is one that cannot be asked now, as with too many open files.
    """
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(_QUESTION)
                status = (await reader.readline()).split(b" ", 2)[1:2]
            finally:
                writer.close()
    except OSError as error:
        return isinstance(error, ConnectionRefusedError)
    return status == [b"503"]
