"""Keeps the stores of the local stack up: one that ends is started again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from candlecast.errors import StackError

PATIENCE_S = 120.0
_PAUSE_S = 1.0


class Store(Protocol):
    """A server of `candlecast.storage.embedded`."""

    def start(self) -> None:
        """Start it and wait until it answers."""
        ...

    def stop(self) -> None:
        """End it, and what is left of it."""
        ...

    def alive(self) -> bool:
        """Tell whether it runs."""
        ...


@dataclass(slots=True)
class _Kept:
    store: Store
    # of the first look at which it was found ended, and of the last try to start it
    ended_s: float | None = None
    tried_s: float = field(default=float("-inf"))


class StoreKeeper:
    """Starts stores that ended, for as long as it is asked to look.

    PostgreSQL and Valkey recover from their own files, and everything that uses them connects again. For the main
    thread, to which children are tied.

    Parameters
    ----------
    say : callable
        Receives one line when a store is back.
    patience_s : float
        Wall seconds for which a store may fail to start, as while the disk is full.
    """

    def __init__(self, *, say: Callable[[str], None], patience_s: float = PATIENCE_S) -> None:
        self._say = say
        self._patience_s = patience_s
        self._kept: dict[str, _Kept] = {}

    def keep(self, name: str, store: Store) -> None:
        """Look after `store`, which runs."""
        self._kept[name] = _Kept(store)

    def look(self) -> None:
        """Start what ended; return at once when all run.

        Raises
        ------
        StackError
            When a store could not be started for `patience_s`; names it, and why.
        """
        for name, kept in self._kept.items():
            if not kept.store.alive():
                self._revive(name, kept)

    def _revive(self, name: str, kept: _Kept) -> None:
        now_s = time.monotonic()
        if kept.ended_s is None:
            kept.ended_s = now_s
        if now_s - kept.tried_s < _PAUSE_S:
            return
        kept.tried_s = now_s
        try:
            # what an ended server left may hold its port, or its data
            kept.store.stop()
            kept.store.start()
        except (StackError, OSError) as error:
            if now_s - kept.ended_s > self._patience_s:
                raise StackError(
                    f"{name} ended by itself and could not be started again for {self._patience_s:g} s: {error}"
                ) from error
            return
        self._say(f"{name} had ended by itself and was started again in {time.monotonic() - kept.ended_s:.1f} s")
        kept.ended_s = None
