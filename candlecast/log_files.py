"""Where do bytes of log lines go? Into a file that many processes share, or to a console that is no file of ours."""

import fcntl
import os
import threading
from pathlib import Path
from typing import Protocol

from candlecast.errors import StackError

_MODE = 0o640


class Outlet(Protocol):
    """Takes whole lines."""

    def write(self, lines: bytes) -> None:
        """Write `lines`, each with its end."""
        ...


class SharedFile:
    """One file for the lines of all processes of a program; who finds it full puts it aside as ``NAME.1``.

    Each write is one call of the kernel at the file's end, so that lines never mix.

    Parameters
    ----------
    path : Path
        The file; its folder is made.
    max_bytes : int
        Size from which on it is put aside.
    n_kept : int
        How many files that were put aside are kept.
    """

    def __init__(self, path: Path, *, max_bytes: int, n_kept: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._n_kept = n_kept
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = self._opened()

    def write(self, lines: bytes) -> None:
        """Write `lines`; raises OSError when the disk does not take them."""
        with self._lock:
            self._follow()
            os.write(self._descriptor, lines)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _opened(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)

    def _follow(self) -> None:
        own = os.fstat(self._descriptor)
        if own.st_size >= self._max_bytes:
            self._put_aside(own)
        elif self._is_there(own):
            return
        os.close(self._descriptor)
        self._descriptor = self._opened()

    def _put_aside(self, own: os.stat_result) -> None:
        with self._path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # another process may have done it meanwhile
            if not self._is_there(own):
                return
            for number in range(self._n_kept - 1, 0, -1):
                if self._aside(number).exists():
                    self._aside(number).replace(self._aside(number + 1))
            self._path.replace(self._aside(1))

    def _is_there(self, own: os.stat_result) -> bool:
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        return (there.st_ino, there.st_dev) == (own.st_ino, own.st_dev)

    def _aside(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


class Console:
    """A console that others hold open, as the standard output of a container's first process.

    Parameters
    ----------
    path : Path
        Where it is found, as /proc/1/fd/1.

    Raises
    ------
    StackError
        When it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except OSError as error:
            raise StackError(
                f"log lines cannot be written to {path}: {error.strerror}; set CANDLECAST_LOGS__CONSOLE to a console "
                "that this user may open, or to nothing"
            ) from error

    def write(self, lines: bytes) -> None:
        """Write `lines`; raises OSError when nobody reads them."""
        os.write(self._descriptor, lines)
