import os
import secrets
import signal
import time
from contextlib import contextmanager

import psutil
import psycopg2
import pytest
import redis

from candlecast.storage.embedded import EmbeddedPostgres, EmbeddedValkey
from cluster.stores import StoreKeeper
from tests.loopback import free_port

LIMIT_S = 30


@pytest.fixture
def said():
    return []


def kill(server):
    listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    [pid] = {c.pid for c in listening if c.laddr.port == server.port and c.pid}
    os.kill(pid, signal.SIGKILL)
    deadline_s = time.monotonic() + LIMIT_S
    while server.alive():
        assert time.monotonic() < deadline_s


@contextmanager
def looked_after(name, server, *, said):
    server.start()
    keeper = StoreKeeper(say=said.append)
    keeper.keep(name, server)
    try:
        yield keeper
    finally:
        server.stop()


def look_until_back(keeper, server):
    deadline_s = time.monotonic() + LIMIT_S
    keeper.look()
    while not server.alive():
        assert time.monotonic() < deadline_s
        time.sleep(0.1)
        keeper.look()


def test_postgres_killed_comes_back_with_what_was_committed(tmp_path, said):
    server = EmbeddedPostgres(tmp_path / "postgres", port=free_port(), password=secrets.token_hex(8))
    with looked_after("PostgreSQL", server, said=said) as keeper:
        run(server.url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        # a backend that lives on for a moment holds the memory of the server that was killed
        open_one = psycopg2.connect(server.url)
        kill(server)

        look_until_back(keeper, server)

        assert run(server.url, "SELECT n FROM kept") == [(7,)]
        assert [line.split(" had ")[0] for line in said] == ["PostgreSQL"]
        open_one.close()


def test_valkey_killed_comes_back_with_its_keys(tmp_path, said):
    server = EmbeddedValkey(tmp_path / "valkey", port=free_port(), password=secrets.token_hex(8))
    with looked_after("Valkey", server, said=said) as keeper:
        with redis.Redis.from_url(server.url) as client:
            client.set("kept", "7")
        kill(server)

        look_until_back(keeper, server)

        with redis.Redis.from_url(server.url) as client:
            assert client.get("kept") == b"7"
        assert len(said) == 1


def run(url, statement):
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
