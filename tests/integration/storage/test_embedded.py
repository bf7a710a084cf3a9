import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from candlecast.errors import StackError
from candlecast.storage import data_folder
from candlecast.storage.embedded import EmbeddedPostgres, EmbeddedValkey
from candlecast.storage.process import port_is_free
from tests.loopback import free_port


def _query(url: str, statement: str) -> str:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
        assert row is not None
        return str(row[0])
    finally:
        connection.close()


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not come true within 10 s"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    server = EmbeddedPostgres(folder, port=free_port(), password="secret")
    server.start()
    server.stop()
    return folder


@pytest.fixture
def server(made_once: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(made_once, port=free_port(), password="secret")
    yield server
    server.stop()


def _pid_file(folder: Path) -> Path:
    return folder / "data" / "postmaster.pid"


def test_postgres_after_start_answers_on_loopback_only(server):
    server.start()

    assert server.alive()
    assert _query(server.url, "SHOW listen_addresses") == "127.0.0.1"
    assert _query(server.url, "SHOW unix_socket_directories") == ""
    assert _query(server.url, "SHOW timezone") == "UTC"


def test_postgres_with_wrong_password_is_refused(server):
    server.start()

    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(server.url.replace("secret", "guess"))


def test_postgres_after_stop_is_gone(server):
    server.start()
    server.stop()

    assert not server.alive()
    assert port_is_free(server.port)
    server.stop()


def test_postgres_on_taken_port_names_port_and_remedy(server):
    with socket.create_server(("127.0.0.1", server.port)), pytest.raises(StackError) as caught:
        server.start()

    assert f"port {server.port}" in str(caught.value)
    assert "CANDLECAST_STACK__PORT_OFFSET" in str(caught.value)


def test_postgres_on_served_folder_is_refused(server, made_once, monkeypatch):
    monkeypatch.setattr(data_folder, "SHUTDOWN_TIMEOUT_S", 0.1)
    server.start()

    with pytest.raises(StackError, match="served already"):
        EmbeddedPostgres(made_once, port=free_port(), password="secret").start()


def test_postgres_with_another_password_than_made_says_so(made_once):
    server = EmbeddedPostgres(made_once, port=free_port(), password="other")

    with pytest.raises(StackError, match="refused its owner"):
        server.start()

    assert not server.alive()


def test_postgres_that_cannot_start_quotes_its_log(server, made_once):
    config = made_once / "data" / "postgresql.auto.conf"
    config.write_text("no_such_setting = 1\n")

    try:
        with pytest.raises(StackError, match=r"did not start .*no_such_setting|did not start .*contains errors"):
            server.start()
    finally:
        config.write_text("")


def test_postgres_after_kill_of_postmaster_recovers_its_data(server):
    server.start()
    _query(server.url, "CREATE TABLE kept AS SELECT 7 AS n; COMMIT; SELECT 1")
    os.kill(int(_pid_file(server.folder).read_text().split()[0]), signal.SIGKILL)
    _wait_for(lambda: not server.alive())

    server.start()

    assert _query(server.url, "SELECT n FROM kept") == "7"


def test_postgres_with_pid_of_a_stranger_starts(server):
    _pid_file(server.folder).write_text(f"{os.getpid()}\n{server.folder}/data\n")

    server.start()

    assert server.alive()


def test_postgres_with_pid_of_a_zombie_starts(server):
    zombie = subprocess.Popen(["true"])
    _wait_for(lambda: "\nState:\tZ" in Path(f"/proc/{zombie.pid}/status").read_text())
    _pid_file(server.folder).write_text(f"{zombie.pid}\n{server.folder}/data\n")

    server.start()
    zombie.wait()

    assert server.alive()


def test_postgres_with_truncated_pid_file_starts(server):
    _pid_file(server.folder).write_text("")

    server.start()

    assert server.alive()


def test_postgres_with_half_made_data_folder_makes_it_again(tmp_path):
    (tmp_path / "data.making").mkdir()
    (tmp_path / "data.making" / "PG_VERSION").write_text("18")
    server = EmbeddedPostgres(tmp_path, port=free_port(), password='it\'s "odd" %/@')

    server.start()
    user = _query(server.url, "SELECT current_user")
    server.stop()

    assert user == "candlecast"
    assert list(tmp_path.glob("password-*")) == []


def test_servers_end_when_their_owner_is_killed(made_once, tmp_path):
    ports = free_port(), free_port()
    script = f"""
import sys
from pathlib import Path
from candlecast.storage.embedded import EmbeddedPostgres, EmbeddedValkey
EmbeddedPostgres(Path({str(made_once)!r}), port={ports[0]}, password="secret").start()
EmbeddedValkey(Path({str(tmp_path)!r}), port={ports[1]}, password="secret").start()
print("up", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"up\n"

        owner.kill()

    _wait_for(lambda: all(port_is_free(port) for port in ports))
    _wait_for(lambda: not _pid_file(made_once).exists())


def test_valkey_with_wrong_password_is_refused(valkey):
    with redis.Redis(port=valkey.port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_valkey_hides_its_password_from_the_process_list(valkey):
    password = valkey.url.split(":")[2].split("@")[0]

    command_lines = [file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline") if file.exists()]

    assert not any(password.encode() in line for line in command_lines)
    assert (valkey.folder / "valkey.conf").stat().st_mode & 0o077 == 0


def test_valkey_after_restart_still_knows_its_keys(valkey):
    with redis.Redis.from_url(valkey.url) as client:
        client.set("kept", "7")

    valkey.stop()
    valkey.start()

    with redis.Redis.from_url(valkey.url) as client:
        assert client.get("kept") == b"7"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "allkeys-lru"}


def test_valkey_with_damaged_file_moves_it_away(valkey):
    with redis.Redis.from_url(valkey.url) as client:
        for number in range(100):
            client.set(f"key-{number}", "x" * 100)
    valkey.stop()
    log = next((valkey.folder / "appendonlydir").glob("*.incr.aof"))
    content = bytearray(log.read_bytes())
    content[2_000:2_200] = b"?" * 200
    log.write_bytes(content)

    valkey.start()

    with redis.Redis.from_url(valkey.url) as client:
        assert client.dbsize() == 0
    assert (valkey.folder / "appendonlydir.damaged-0").is_dir()


def test_valkey_on_taken_port_names_port_and_remedy(valkey, tmp_path):
    with pytest.raises(StackError, match=f"port {valkey.port} of Valkey is taken"):
        EmbeddedValkey(tmp_path, port=valkey.port, password="secret").start()
