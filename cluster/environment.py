"""How settings reach the children of the local stack: as environment variables, nothing else."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from pydantic import SecretStr

from candlecast.market.sources import SourceDecision
from candlecast.settings import (
    LOOPBACK,
    ApiSettings,
    ClusterSettings,
    DatabaseSettings,
    RedisSettings,
    Settings,
    UiSettings,
)
from candlecast.storage.embedded import OWNER
from cluster.ports import Ports
from cluster.ray_head import ray_environment
from cluster.stack_files import StackFiles, secret
from cluster.sweep import MARKER

_OF_THE_OWNER = "CANDLECAST_DATABASE__OWNER_"
PUBLISHED = "CC_PUBLISHED"
_FOR_CLIENTS = ("CANDLECAST_", "RAY_AUTH_", "RAY_API_SERVER_ADDRESS")
_APPLICATION = "candlecast_app"
_GROUPS = (
    *("market", "replay", "ingest", "news", "sentiment", "alerts"),
    *("database", "redis", "api", "ui", "models", "cluster", "scheduler", "stack", "doctor", "logs"),
)


def with_stack_addresses(settings: Settings, *, files: StackFiles, ports: Ports, decision: SourceDecision) -> Settings:
    """Return `settings` completed by the addresses, passwords and source of the local stack."""
    postgres, redis = ports.of("postgres"), ports.of("redis")
    replay_url = "" if decision.live else ports.url("replay")
    update = {
        "market": settings.market.model_copy(
            update={
                "source": "live" if decision.live else "recorded",
                "banner": decision.banner,
                "venue_url": settings.market.venue_url if decision.live else replay_url,
            }
        ),
        "replay": settings.replay.model_copy(update={"url": replay_url}),
        "news": settings.news.model_copy(
            update={
                # the news of today has no place in a market of the past
                "enabled": settings.news.enabled and (decision.live or settings.replay.news is not None),
                "feed_url": settings.news.feed_url if decision.live else replay_url,
            }
        ),
        "sentiment": settings.sentiment.model_copy(update={"model": _found(settings.sentiment.model)}),
        "database": DatabaseSettings(
            url=SecretStr(application_url(files, port=postgres)),
            owner_url=SecretStr(owner_url(files, port=postgres)),
            pool_size=settings.database.pool_size,
        ),
        "redis": RedisSettings(url=SecretStr(f"redis://:{secret(files, 'redis-password')}@127.0.0.1:{redis}/0")),
        "api": _api(settings.api, files=files, ports=ports),
        "ui": UiSettings(host="127.0.0.1", port=ports.of("ui")),
        "stack": settings.stack.model_copy(update={"folder": files.root}),
        "logs": settings.logs.model_copy(update={"folder": settings.logs.folder or files.logs}),
        "models": settings.models.model_copy(update={"folder": settings.models.folder.resolve()}),
        "cluster": ClusterSettings(
            address=f"127.0.0.1:{ports.of('gcs')}", jobs_url=ports.url("dashboard"), token_file=_token(files)
        ),
    }
    return settings.model_copy(update=update)


def child_environment(settings: Settings, *, files: StackFiles, ports: Ports) -> dict[str, str]:
    """Return what is added to the environment of every child."""
    binaries = Path(sys.executable).parent
    return {
        MARKER: str(files.root),
        "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}",
        "RAY_API_SERVER_ADDRESS": settings.cluster.jobs_url,
        **ray_environment(folder=files.runtime, ports=ports, token_file=files.token),
        **settings_environment(settings),
    }


def client_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what a shell needs of a child's environment to speak to the stack, without the owner's password.

    `PUBLISHED` names the variables, so that a later `candlecast run` in the same shell can forget them.
    """
    kept = (name for name in environment if not name.startswith(_OF_THE_OWNER))
    names = [name for name in kept if name.startswith(_FOR_CLIENTS)]
    return {**{name: environment[name] for name in names}, "PATH": environment["PATH"], PUBLISHED: " ".join(names)}


def forget_published() -> None:
    """Remove from this process what `client_environment` of another stack put into its shell."""
    for name in os.environ.pop(PUBLISHED, "").split():
        os.environ.pop(name, None)


def settings_environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables from which an equal `Settings` is read again."""
    variables = {}
    for group in _GROUPS:
        for field, value in getattr(settings, group):
            if value is not None:
                plain = value.get_secret_value() if isinstance(value, SecretStr) else value
                variables[f"CANDLECAST_{group}__{field}".upper()] = str(plain)
    return variables


def application_url(files: StackFiles, *, port: int) -> str:
    """Return the address of the stack's database for the application."""
    return _postgres_url(_APPLICATION, secret(files, "postgres-app-password"), port)


def owner_url(files: StackFiles, *, port: int) -> str:
    """Return the address of the stack's database for its owner."""
    return _postgres_url(OWNER, secret(files, "postgres-password"), port)


def _postgres_url(user: str, password: str, port: int) -> str:
    return f"postgresql://{user}:{quote(password)}@127.0.0.1:{port}/candlecast"


def _api(wanted: ApiSettings, *, files: StackFiles, ports: Ports) -> ApiSettings:
    # nobody but this machine reaches 127.0.0.1: no key there, unless one is asked for
    required = wanted.host not in LOOPBACK if wanted.require_key is None else wanted.require_key
    own_key = SecretStr(secret(files, "api-key")) if required else wanted.key
    key = wanted.key if wanted.key.get_secret_value() else own_key
    return wanted.model_copy(update={"url": ports.url("serve"), "require_key": required, "key": key})


def _found(model: str) -> str:
    # children may work in another folder; what is no folder here is a name
    return str(Path(model).resolve()) if Path(model).is_dir() else model


def _token(files: StackFiles) -> Path:
    secret(files, files.token.name)
    return files.token
