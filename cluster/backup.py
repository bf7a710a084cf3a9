"""Which database and models does a backup mean? Those of the settings, else those of the stack on this machine."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from candlecast.backup.place import Place
from candlecast.errors import InvalidRequestError, StackError
from candlecast.settings import Settings
from candlecast.storage.cache_emptying import empty_cache
from candlecast.storage.embedded import EmbeddedPostgres
from cluster.environment import application_url, owner_url
from cluster.stack_files import StackFiles, held_lock, running_environment, secret


@contextmanager
def place_to_read(settings: Settings, *, world: str) -> Iterator[Place]:
    """Lend what is to be backed up; the stack on this machine may run, else its PostgreSQL is started for this.

    Parameters
    ----------
    settings : Settings
        Name a database as its owner, or else the folder of a stack.
    world : str
        Which data set of the stack, when it holds several and does not run.

    Raises
    ------
    StackError
        When the stack's PostgreSQL does not start.
    InvalidRequestError
        When there is nothing to back up, or several data sets to choose from.
    """
    root = settings.stack.folder.resolve()
    if settings.database.owner_url.get_secret_value():
        yield _place_of_settings(settings)
    elif _runs(root):
        yield _running_place(root)
    else:
        with _started_place(settings, _chosen(root, world)) as place:
            yield place


@contextmanager
def place_to_write(settings: Settings, *, world: str) -> Iterator[Place]:
    """Lend what is to be restored; the stack on this machine must not run, its PostgreSQL is started for this.

    What its cache holds is thrown away at the end, unless the restoring failed.

    Parameters
    ----------
    settings : Settings
        Name a database as its owner, or else the folder of a stack.
    world : str
        Data set of the backup: a stack restores it beside its others.

    Raises
    ------
    InvalidRequestError
        When the database of the settings is for live candles and the backup of recorded ones, or the reverse.
    StackError
        When the stack runs, or its PostgreSQL does not start.
    StorageError
        When Redis does not answer.
    """
    if settings.database.owner_url.get_secret_value():
        place = _place_of_settings(settings)
        if (world == "live") != (place.world == "live"):
            raise InvalidRequestError(f"the backup is of {world} candles, this stack is for {place.world} ones")
        yield place
        empty_cache(settings.redis.url.get_secret_value())
        return
    with _started_place(settings, world) as place:
        yield place
        shutil.rmtree(StackFiles(settings.stack.folder.resolve(), world).data / "redis", ignore_errors=True)


def _place_of_settings(settings: Settings) -> Place:
    return Place(
        owner_url=settings.database.owner_url.get_secret_value(),
        app_url=settings.database.url.get_secret_value(),
        models=settings.models.folder.resolve(),
        world=settings.market.source,
    )


@contextmanager
def _started_place(settings: Settings, world: str) -> Iterator[Place]:
    root = settings.stack.folder.resolve()
    with held_lock(root):
        files = StackFiles(root, world)
        files.data.mkdir(parents=True, exist_ok=True)
        password = secret(files, "postgres-password")
        server = EmbeddedPostgres(files.data / "postgres", port=_free_port(), password=password)
        server.start()
        try:
            yield _stack_place(files, port=server.port, models=settings.models.folder.resolve())
        finally:
            server.stop()


def _running_place(root: Path) -> Place:
    environment = running_environment(root)
    port = urlsplit(environment["CANDLECAST_DATABASE__URL"]).port or 0
    served = next(world for world in _worlds(root) if _port_of(root / world) == port)
    return _stack_place(StackFiles(root, served), port=port, models=Path(environment["CANDLECAST_MODELS__FOLDER"]))


def _stack_place(files: StackFiles, *, port: int, models: Path) -> Place:
    return Place(
        owner_url=owner_url(files, port=port),
        app_url=application_url(files, port=port),
        models=models,
        world=files.world,
        replay_state=files.data / "replay.json",
    )


def _chosen(root: Path, world: str) -> str:
    known = _worlds(root)
    if world in known:
        return world
    if world or len(known) != 1:
        names = ", ".join(known) or "nothing; start it with `candlecast run` once"
        raise InvalidRequestError(f"{root} holds {names}; choose a data set with --world, was {world!r}")
    return known[0]


def _worlds(root: Path) -> list[str]:
    return sorted(folder.parent.name for folder in root.glob("*/postgres"))


def _port_of(data: Path) -> int:
    # the fourth line of a running server's file is its port
    file = data / "postgres" / "data" / "postmaster.pid"
    lines = file.read_text().splitlines() if file.exists() else []
    return int(lines[3]) if len(lines) > 3 else 0


def _free_port() -> int:
    # another stack may run beside
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _runs(root: Path) -> bool:
    if not root.exists():
        return False
    try:
        with held_lock(root):
            return False
    except StackError:
        return True
