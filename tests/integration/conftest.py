"""Real servers for the integration tests: started once a run, emptied before each test."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg2
import pytest

from candlecast.storage.embedded import EmbeddedPostgres, EmbeddedValkey
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.migrate import upgrade
from candlecast.storage.postgres.roles import APPEND_ONLY_TABLES, EDITABLE_TABLES
from tests.loopback import free_port

APP_USER = "candlecast_app"


@dataclass(frozen=True)
class Addresses:
    owner_url: str
    app_url: str


def as_owner(addresses: Addresses, *statements: str) -> None:
    """Run statements that the application may not, each for itself."""
    connection = psycopg2.connect(addresses.owner_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """A migrated PostgreSQL; both of its addresses."""
    password = secrets.token_hex(8)
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), port=free_port(), password=password)
    server.start()
    try:
        upgrade(server.url, app_user=APP_USER, app_password=password)
        addresses = Addresses(server.url, server.url.replace("//candlecast:", f"//{APP_USER}:"))
        as_owner(addresses, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield addresses
    finally:
        server.stop()


@pytest.fixture
def database(postgres: Addresses) -> Iterator[Database]:
    """The application's connections to an empty database."""
    # DELETE, because TRUNCATE makes new files for every partition; replica, so that any order will do.
    deletes = [f"DELETE FROM {table}" for table in APPEND_ONLY_TABLES + EDITABLE_TABLES]
    as_owner(postgres, "; ".join(["SET session_replication_role = replica", *deletes]))
    database = Database(postgres.app_url, pool_size=4, wait_s=5)
    yield database
    database.close()


@pytest.fixture
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """A running, empty Valkey that a test may stop and start."""
    server = EmbeddedValkey(tmp_path_factory.mktemp("valkey"), port=free_port(), password=secrets.token_hex(8))
    server.start()
    yield server
    server.stop()
