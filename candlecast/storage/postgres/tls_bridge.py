"""How do programs that speak no TLS reach a database that asks for it? By a socket of this process, which does.

PostgreSQL's client programs come from a wheel that is built without TLS. Passwords go through as they are: SCRAM never
shows them, and the socket lies in a folder that nobody else may enter.
"""

import asyncio
import socket
import ssl
import struct
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from candlecast.errors import StorageError

_WITH_TLS = ("require", "verify-ca", "verify-full")
# what a client says first to be answered by TLS
_ASK_FOR_TLS = struct.pack("!ii", 8, 80_877_103)
# what the server answers to the name of a role: kind and length, then how to prove to be it
_HEADER = struct.Struct("!ci")
_SASL, _BOUND = struct.pack("!i", 10), b"SCRAM-SHA-256-PLUS\0"
_PORT = 5432
_TIMEOUT_S, _CLOSE_S = 10.0, 2.0
_BLOCK_BYTES = 2**16


@contextmanager
def without_tls(parts: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Lend an address of the same database for programs that speak no TLS.

    Parameters
    ----------
    parts : mapping of str to str
        Address, as libpq names its parts; one whose ``sslmode`` does not ask for TLS is lent as it is.

    Raises
    ------
    StorageError
        When the database does not offer TLS, or its certificate is not the one that ``sslmode`` asks for.
    """
    if parts.get("sslmode") not in _WITH_TLS:
        yield dict(parts)
        return
    _connected(parts).close()
    kept = {name: value for name, value in parts.items() if not name.startswith("ssl")}
    with tempfile.TemporaryDirectory(prefix="cc-tls-") as folder, _Bridge(Path(folder), parts):
        yield kept | {"host": folder, "port": str(_PORT)}


class _Bridge:
    """Passes on what comes through one Unix socket, in a thread of its own, inside a ``with`` block."""

    def __init__(self, folder: Path, parts: Mapping[str, str]) -> None:
        self._path = folder / f".s.PGSQL.{_PORT}"
        self._parts = parts
        self._ready = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), name="tls-bridge", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()
        self._ready.wait(_TIMEOUT_S)

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(_TIMEOUT_S)

    async def _serve(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        passing: set[asyncio.Task[None]] = set()
        server = await asyncio.start_unix_server(
            lambda reader, writer: passing.add(asyncio.create_task(self._pass_on(reader, writer))), self._path
        )
        self._ready.set()
        await self._stopped.wait()
        server.close()
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw = await asyncio.to_thread(_asked, self._parts)
        raw.setblocking(False)
        far_reader, far_writer = await asyncio.open_connection(
            sock=raw, ssl=_context(self._parts), server_hostname=self._parts["host"], ssl_shutdown_timeout=_CLOSE_S
        )
        try:
            await asyncio.gather(_copy(reader, far_writer), _answer(far_reader, writer))
        finally:
            for end in (writer, far_writer):
                end.close()
                with suppress(OSError):
                    await end.wait_closed()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    # the way to prove a password that is bound to TLS is not for a client that knows of none
    with suppress(OSError, asyncio.IncompleteReadError):
        kind, length = _HEADER.unpack(await reader.readexactly(_HEADER.size))
        content = await reader.readexactly(length - 4)
        if kind == b"R" and content.startswith(_SASL):
            content = content.replace(_BOUND, b"", 1)
        writer.write(_HEADER.pack(kind, len(content) + 4) + content)
    await _copy(reader, writer)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await reader.read(_BLOCK_BYTES):
            writer.write(block)
            await writer.drain()
    # the other direction ends with this one
    writer.close()


def _connected(parts: Mapping[str, str]) -> ssl.SSLSocket:
    try:
        return _context(parts).wrap_socket(_asked(parts), server_hostname=parts["host"])
    except OSError as error:
        raise StorageError(f"the database at {parts['host']} cannot be reached by TLS: {error}") from error


def _asked(parts: Mapping[str, str]) -> socket.socket:
    raw = socket.create_connection((parts["host"], int(parts.get("port", _PORT))), timeout=_TIMEOUT_S)
    raw.sendall(_ASK_FOR_TLS)
    if raw.recv(1) != b"S":
        raw.close()
        raise StorageError(f"the database at {parts['host']} offers no TLS, sslmode is {parts['sslmode']}")
    return raw


def _context(parts: Mapping[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=parts.get("sslrootcert"))
    context.check_hostname = parts["sslmode"] == "verify-full"
    if parts["sslmode"] == "require" and "sslrootcert" not in parts:
        context.verify_mode = ssl.CERT_NONE
    return context
