"""Looks at the memory, files and threads of every process, again and again, in a thread of its own."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.soak.processes import held_by
from benchmarks.soak.world import Stack


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process held at a moment of the course."""

    at_s: float
    stack: int
    pid: int
    group: str
    memory_mb: float
    n_files: int
    n_threads: int


class Watch:
    """Keeps samples until it is stopped.

    Parameters
    ----------
    stacks : sequence of Stack
        Whose processes.
    every_s : float
        Wall seconds between two looks.
    """

    def __init__(self, stacks: Sequence[Stack], *, every_s: float) -> None:
        self._stacks = stacks
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._began_s = time.monotonic()
        self.samples: list[Sample] = []

    def start(self) -> None:
        """Begin to look."""
        self._began_s = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(2 * self._every_s)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            at_s = time.monotonic() - self._began_s
            for place, stack in enumerate(self._stacks):
                self.samples += _look(stack, place, at_s)


def _look(stack: Stack, place: int, at_s: float) -> list[Sample]:
    found = []
    for pid, group in stack.processes.items():
        held = held_by(pid, group)
        if held is not None:
            memory_mb = held.memory_bytes / 1e6
            found.append(Sample(at_s, place, pid, group, memory_mb, held.n_files, held.n_threads))
    return found
