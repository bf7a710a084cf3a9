"""A process that kills itself at a step of its work: each statement, each part of a COPY, each commit, each file."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

PATIENCE_S = 60
# what changes a folder; each is told before it happens
FILE_EVENTS = ("open", "os.rename", "os.mkdir", "os.chmod", "os.remove", "os.rmdir")
_SPAWN = multiprocessing.get_context("forkserver")
# imported once by the process that all others fork from
_SPAWN.set_forkserver_preload(["tests.integration.crash.acts"])


class Steps:
    """Counts steps, and dies at one of them."""

    def __init__(self, fatal: int) -> None:
        self._left = fatal

    def take(self) -> None:
        """Take one step; the fatal one is never taken."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def killed_at(step: int, work: Callable[..., Any], *arguments: Any, folder: Path | None = None) -> bool:
    """Run `work` in a process that is killed at its step number `step`; tell whether it came that far."""
    child = _SPAWN.Process(target=_run, args=(step, folder, work, arguments))
    child.start()
    child.join(PATIENCE_S)
    assert child.exitcode is not None, f"{work} hangs at step {step}"
    assert child.exitcode in (0, -signal.SIGKILL), f"{work} ended with {child.exitcode} at step {step}"
    return child.exitcode != 0


def _run(step: int, folder: Path | None, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    steps = Steps(step)
    _watch_database(steps)
    if folder is not None:
        _watch_folder(steps, str(folder))
    work(*arguments)


def _watch_database(steps: Steps) -> None:
    class WatchedCursor(Cursor):
        def execute(self, *arguments: Any) -> None:
            steps.take()
            super().execute(*arguments)

        def copy_expert(self, query: Any, file: Any, *sizes: Any, **options: Any) -> None:
            steps.take()
            # an empty one is filled by the server
            source = _WatchedFile(file, steps) if len(file.getbuffer()) else file
            super().copy_expert(query, source, *sizes, **options)

    class WatchedConnection(Connection):
        def cursor(self, *arguments: Any, **options: Any) -> Any:
            return super().cursor(*arguments, **{"cursor_factory": WatchedCursor} | options)

        def commit(self) -> None:
            steps.take()
            super().commit()
            steps.take()

    connect = psycopg2.connect
    psycopg2.connect = lambda *a, **options: connect(*a, **{"connection_factory": WatchedConnection} | options)


def _watch_folder(steps: Steps, folder: str) -> None:
    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event in FILE_EVENTS and str(arguments[0]).startswith(folder) and not _only_reads(event, arguments):
            steps.take()

    sys.addaudithook(hear)
    sync = os.fsync

    def watched_sync(handle: int) -> None:
        steps.take()
        sync(handle)

    os.fsync = watched_sync


def _only_reads(event: str, arguments: tuple[Any, ...]) -> bool:
    return event == "open" and not isinstance(arguments[0], int) and not (arguments[2] & (os.O_WRONLY | os.O_RDWR))


class _WatchedFile:
    # what COPY reads, in small parts: a death leaves the server with the first ones
    def __init__(self, file: Any, steps: Steps) -> None:
        self._file, self._steps, self._parts = file, steps, 0
        self._size = max(1, len(file.getbuffer()) // 3)

    def read(self, _size: int = -1) -> bytes:
        self._parts += 1
        if self._parts > 1:
            self._steps.take()
        return bytes(self._file.read(self._size))
