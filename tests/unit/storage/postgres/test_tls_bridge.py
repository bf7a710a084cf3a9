"""Does everything go through TLS, and only to the server that was meant?"""

import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from candlecast.errors import StorageError
from candlecast.storage.postgres.tls_bridge import without_tls
from cluster.certificates import Authority


class Server:
    """Answers like PostgreSQL until TLS stands, then says back what it hears."""

    def __init__(self, certificate: Path, *, offer: bytes) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._offer = offer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError):
            assert connection.recv(8) == b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
            connection.sendall(self._offer)
            with self._context.wrap_socket(connection, server_side=True) as spoken:
                while heard := spoken.recv(65_536):
                    spoken.sendall(heard)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an authority and a certificate of localhost signed by it, and another authority."""
    folder = tmp_path_factory.mktemp("tls")
    authority, other = Authority(datetime.now(UTC)), Authority(datetime.now(UTC))
    signed = authority.sign(["localhost"])
    (folder / "ca.crt").write_bytes(authority.certificate)
    (folder / "other.crt").write_bytes(other.certificate)
    (folder / "server.pem").write_bytes(signed.certificate + signed.key)
    return folder


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    server = Server(folder / "server.pem", offer=b"S")
    yield server
    server.close()


def address(server: Server, folder: Path, **changes: str) -> dict[str, str]:
    parts = {"host": "localhost", "port": str(server.port), "user": "candlecast", "dbname": "candlecast"}
    return parts | {"sslmode": "verify-full", "sslrootcert": str(folder / "ca.crt")} | changes


def message(mechanisms: bytes) -> bytes:
    """Return the server's message that offers ways to prove a password."""
    return struct.pack("!cii", b"R", len(mechanisms) + 8, 10) + mechanisms


def test_bytes_through_the_bridge_come_back_by_tls_without_the_proof_that_is_bound_to_it(server, folder):
    # the first message is looked into, whatever comes after it is passed on
    first = message(b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")
    rest = bytes(range(256)) * 4_000
    sent, wanted = first + rest, message(b"SCRAM-SHA-256\0\0") + rest
    with without_tls(address(server, folder)) as parts, socket.socket(socket.AF_UNIX) as client:
        client.connect(f"{parts['host']}/.s.PGSQL.{parts['port']}")
        sender = Thread(target=client.sendall, args=(sent,))
        sender.start()
        heard = b""
        while len(heard) < len(wanted):
            heard += client.recv(65_536)
        sender.join()

    assert heard == wanted
    assert not any(name.startswith("ssl") for name in parts)
    assert parts["user"] == "candlecast"
    assert not Path(parts["host"]).exists()


@pytest.mark.parametrize(
    "changes",
    [{"sslrootcert": "other.crt"}, {"sslrootcert": "other.crt", "sslmode": "verify-ca"}, {"host": "127.0.0.1"}],
    ids=["another authority", "another authority, any name", "another name"],
)
def test_server_that_is_not_the_one_that_was_meant_is_refused(server, folder, changes):
    if "sslrootcert" in changes:
        changes = changes | {"sslrootcert": str(folder / changes["sslrootcert"])}

    with pytest.raises(StorageError, match="cannot be reached by TLS"), without_tls(address(server, folder, **changes)):
        pass


def test_server_without_tls_is_refused(folder):
    server = Server(folder / "server.pem", offer=b"N")

    with pytest.raises(StorageError, match="offers no TLS"), without_tls(address(server, folder)):
        pass

    server.close()


def test_address_that_asks_for_no_tls_stays_as_it_is():
    parts = {"host": "127.0.0.1", "dbname": "candlecast"}

    with without_tls(parts) as found:
        assert found == parts
