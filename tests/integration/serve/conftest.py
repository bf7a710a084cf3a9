"""The whole HTTP API over real stores, with handles that stand in for the other deployments."""

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from candlecast.access import KeyRing
from candlecast.ingest.loader import Loader
from candlecast.key_desk import KeyDesk
from candlecast.market.symbols import Symbol
from candlecast.reading import open_reading
from candlecast.replay.recordings import Recording
from candlecast.settings import Settings
from candlecast.storage.embedded import EmbeddedValkey
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.keys import KeyStore
from candlecast.storage.postgres.migrate import upgrade
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.request_limits import RequestLimits
from serve.api.gate import OPEN_GATE, Gate
from serve.api.jobs import cluster_client
from serve.api.services import Services, current
from serve.app import build_api
from tests.builders import make_small_recording
from tests.integration.conftest import APP_USER, Addresses, as_owner
from tests.integration.world import HOUR, market_at
from tests.loopback import free_port
from tests.storage_builders import make_record

PAIR = "BTC/USDT"
NO_MODEL = {"type": "about:blank", "title": "Model not ready", "status": 503, "detail": "none is promoted yet"}


class FakeCluster:
    """Runs nothing, but remembers what it was asked to run."""

    def __init__(self) -> None:
        self.orders: dict[str, str] = {}

    def submit_once(self, entrypoint, *, prefix):
        known = prefix + "0" in self.orders
        self.orders[prefix + "0"] = entrypoint
        return prefix + "0", not known

    def state(self, job_id, *, tail):
        return None


@dataclass
class World:
    """An API of its own: its settings, its keys, and what was asked of the cluster."""

    api: FastAPI
    settings: Settings
    services: Services
    database: Database
    recording: Recording
    cluster: FakeCluster
    read_key: str
    admin_key: str

    def use(self, **changes: object) -> None:
        """Answer with other services from now on."""
        services = replace(self.services, **changes)
        self.api.dependency_overrides[current] = lambda: services
        self.services = services


@pytest.fixture(scope="session")
def world(postgres: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A keyed API over 400 recorded candles, one model and one session store, in a database of its own."""
    app = urlsplit(postgres.app_url)
    as_owner(postgres, "CREATE DATABASE api_world")
    owner_url, app_url = (url.removesuffix("/candlecast") + "/api_world" for url in (postgres.owner_url, app.geturl()))
    upgrade(owner_url, app_user=APP_USER, app_password=str(app.password))
    valkey = EmbeddedValkey(tmp_path_factory.mktemp("valkey"), port=free_port(), password=secrets.token_hex(8))
    valkey.start()
    database, recording = Database(app_url), make_small_recording([PAIR], 400)
    folder = tmp_path_factory.mktemp("models")
    try:
        with market_at(recording.end - 30 * HOUR, recording=recording, url=app_url, folder=folder) as settings:
            settings.redis.url = SecretStr(valkey.url)
            Loader(settings).load([Symbol.parse(PAIR)])
            ModelStore(database).insert(make_record("m1", trained_at=datetime(2021, 1, 1, tzinfo=UTC)))
            yield make_world(settings, database, recording)
    finally:
        database.close()
        valkey.stop()


def make_world(settings: Settings, database: Database, recording: Recording) -> World:
    desk, cluster, api = KeyDesk(KeyStore(database)), FakeCluster(), build_api()
    handle = SimpleNamespace(answers=SimpleNamespace(remote=no_model))
    judge = SimpleNamespace(judge_one=SimpleNamespace(remote=no_score), judge_many=SimpleNamespace(remote=no_score))
    services = Services(reading=open_reading(settings), forecaster=handle, sentiment=judge)
    keys = [desk.create(name, scope).key for name, scope in (("reader", "read"), ("boss", "admin"))]
    world = World(api, settings, services, database, recording, cluster, *keys)
    api.dependency_overrides[cluster_client] = lambda: cluster
    world.use()
    return world


async def no_model(items, request_id):
    await asyncio.sleep(0)
    return [NO_MODEL for _ in items]


async def no_score(texts, engine, request_id):
    await asyncio.sleep(0)
    return None, NO_MODEL


@pytest.fixture(scope="session")
def client(world: World) -> Iterator[TestClient]:
    """A client on one event loop, as a replica has; errors that should not happen are 500."""
    with TestClient(world.api, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def keyed(world: World) -> Iterator[World]:
    """The world with keys required, unlimited, for one test."""
    world.use(access=Gate(KeyRing(KeyStore(world.database).in_force)))
    yield world
    world.use(access=OPEN_GATE)


@pytest.fixture
def limited(world: World, client: TestClient) -> Iterator[World]:
    """The world with keys required, three requests a minute each, for one test."""
    limits = RequestLimits(world.settings.redis.url.get_secret_value(), "3/minute")
    world.use(access=Gate(KeyRing(KeyStore(world.database).in_force), limits))
    yield world
    world.use(access=OPEN_GATE)
    # on the event loop of the API, which its connections belong to
    client.portal.call(limits.close)
