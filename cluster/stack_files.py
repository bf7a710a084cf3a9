"""Where the stack on one machine keeps its data, secrets, logs and lock."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from candlecast.errors import StackError
from candlecast.settings import Settings

# made by `secret` on first use, each in the folder of the stack
SECRETS = ("ray-token", "postgres-password", "postgres-app-password", "redis-password", "api-key")


@dataclass(frozen=True, slots=True)
class StackFiles:
    """Folders and files of one local stack.

    Parameters
    ----------
    root : Path
        Folder of the stack, absolute.
    world : str
        Name of the data set being played: live candles and each recording keep their own database,
        so that no forecast is ever made from another world's candles.
    """

    root: Path
    world: str

    @property
    def data(self) -> Path:
        """Folder of the databases of this world."""
        return self.root / self.world

    @property
    def logs(self) -> Path:
        """Folder of the logs of all children."""
        return self.root / "logs"

    @property
    def token(self) -> Path:
        """File with Ray's authentication token."""
        return self.root / "ray-token"

    @property
    def environment(self) -> Path:
        """File with the environment of the running stack, present only while it runs."""
        return self.root / "environment.json"

    @property
    def runtime(self) -> Path:
        """Short folder for sockets: HAProxy adds 70 characters and takes no path beyond 97."""
        digest = hashlib.sha256(str(self.root).encode()).hexdigest()[:8]
        return Path("/tmp") / f"cc-{os.getuid()}-{digest}"


def stack_files(settings: Settings, *, live: bool) -> StackFiles:
    """Return the files of the stack that `settings` describe, making its folders."""
    root = settings.stack.folder.resolve()
    recording = (str(settings.replay.data or ""), settings.replay.start, settings.market.timeframe)
    world = "live" if live else f"recorded-{hashlib.sha256(repr(recording).encode()).hexdigest()[:8]}"
    files = StackFiles(root, world)
    for folder in (files.root, files.data, files.logs):
        folder.mkdir(parents=True, exist_ok=True)
    return files


def fresh_runtime_folder(files: StackFiles) -> Path:
    """Empty and return the folder for sockets, readable by its owner alone.

    Raises
    ------
    StackError
        When the folder belongs to somebody else.
    """
    folder = files.runtime
    if folder.exists():
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            raise StackError(f"folder {folder} belongs to another user; remove it or choose another --folder")
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    return folder


def secret(files: StackFiles, name: str) -> str:
    """Return the secret `name` of this stack, made on first use, readable by its owner alone."""
    path = files.root / name
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()


@contextmanager
def held_lock(root: Path) -> Iterator[None]:
    """Hold the stack's lock; the kernel frees it when the process ends in whatever way.

    Raises
    ------
    StackError
        When another run holds it; names its process id.
    """
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise StackError(
                f"a stack already runs in {root} (process {file.read().strip() or 'unknown'}); "
                "stop it with Ctrl-C or `kill`, or choose another folder with --folder"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def running_environment(root: Path) -> dict[str, str]:
    """Return the environment that the running stack in `root` published.

    Raises
    ------
    StackError
        When no stack runs there.
    """
    path = root.resolve() / "environment.json"
    if not path.exists():
        raise StackError(f"no stack runs in {root.resolve()}; start it with `candlecast run` or `make run`")
    return {str(name): str(value) for name, value in json.loads(path.read_text()).items()}
