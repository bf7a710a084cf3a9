"""A WebSocket server that shakes hands, and then neither reads, nor writes, nor says goodbye."""

import base64
import contextlib
import hashlib
import socket
import threading
from collections.abc import Iterator

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@contextlib.contextmanager
def serve_frozen(*, cut: bool = False) -> Iterator[str]:
    """Serve on a free port and yield the base address; `cut` drops each connection after the handshake."""
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, connections, cut))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
    for connection in connections:
        connection.close()


def _accept(listener: socket.socket, connections: list[socket.socket], cut: bool) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        request = connection.recv(4_096)
        key = next(line.split()[1] for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        connection.sendall(head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        if cut:
            connection.close()
        else:
            connections.append(connection)
