"""A way to another server that a test may cut and mend: for all, or for some requests only."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK_BYTES = 65_536


class CuttingProxy:
    """A TCP proxy on loopback.

    Parameters
    ----------
    target_port : int
        Port of the server behind it.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._cut: bytes | None = None
        self._open: dict[socket.socket, bytes] = {}
        self._lock = threading.Lock()
        self.port = int(self._listener.getsockname()[1])

    def cut(self, *, only: bytes = b"") -> None:
        """End all connections and refuse new ones; or those whose newest request begins with `only`."""
        with self._lock:
            self._cut = only
            doomed = [client for client, asked in self._open.items() if asked.startswith(only)]
        for client in doomed:
            _shut(client)

    def mend(self) -> None:
        """Let everything through again."""
        self._cut = None

    def accept_for_ever(self) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def close(self) -> None:
        """End everything."""
        self.cut()
        # wakes the thread that waits in accept
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _carry(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if self._cut == b"":
                return
            with self._lock:
                self._open[client] = b""
            with socket.create_connection(("127.0.0.1", self._target_port)) as server:
                back = threading.Thread(target=_pour, args=(server, client), daemon=True)
                back.start()
                while (chunk := client.recv(CHUNK_BYTES)) and self._passes(client, chunk):
                    server.sendall(chunk)
                _shut(server)
                back.join(5)
        with self._lock:
            self._open.pop(client, None)

    def _passes(self, client: socket.socket, chunk: bytes) -> bool:
        with self._lock:
            if chunk.startswith((b"GET ", b"POST ", b"PUT ", b"DELETE ")):
                self._open[client] = chunk[:200]
            return self._cut is None or not self._open[client].startswith(self._cut)


@contextmanager
def cutting_proxy(target_port: int) -> Iterator[CuttingProxy]:
    """Yield a proxy to `target_port`."""
    proxy = CuttingProxy(target_port)
    threading.Thread(target=proxy.accept_for_ever, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.close()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(CHUNK_BYTES):
            target.sendall(chunk)
    _shut(target)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
