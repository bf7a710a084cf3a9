"""Real servers for the integration tests: started once a run, emptied before each test."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg2
import pytest

from candlecast.storage.embedded import EmbeddedPostgres, EmbeddedValkey
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.migrate import upgrade
from tests.loopback import free_port

APP_USER = "candlecast_app"


@dataclass(frozen=True)
class Addresses:
    owner_url: str
    app_url: str


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """A migrated PostgreSQL; both of its addresses."""
    password = secrets.token_hex(8)
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), port=free_port(), password=password)
    server.start()
    try:
        upgrade(server.url, app_user=APP_USER, app_password=password)
        yield Addresses(server.url, server.url.replace("//candlecast:", f"//{APP_USER}:"))
    finally:
        server.stop()


@pytest.fixture
def database(postgres: Addresses) -> Iterator[Database]:
    """The application's connections to an empty database."""
    owner = psycopg2.connect(postgres.owner_url)
    with owner, owner.cursor() as cursor:
        cursor.execute("TRUNCATE symbols, model_metadata, news_table, api_keys RESTART IDENTITY CASCADE")
    owner.close()
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
