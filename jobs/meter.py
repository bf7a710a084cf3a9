"""How far is a long job, how fast, and how long will it take? A bar on a terminal, else a line now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

_EVERY_S = 3.0

Advance = Callable[[int], None]


@contextmanager
def metered(verb: str, total: int, *, say: Callable[[str], None]) -> Iterator[Advance]:
    """Show the progress of `total` candles; yields what is to be called with how many more are done.

    Parameters
    ----------
    verb : str
        What is done.
    total : int
        Candles.
    say : callable
        Receives the lines where stderr is no terminal.
    """
    if sys.stderr.isatty():
        with _bar(verb, total) as advance:
            yield advance
    else:
        yield _Lines(verb, total, say=say).advance


@contextmanager
def _bar(verb: str, total: int) -> Iterator[Advance]:
    # imported here: jobs write to a log nearly always
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn(verb), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task, begun_s = bar.add_task(verb, total=total, rate=""), time.monotonic()

        def advance(n_candles: int) -> None:
            bar.advance(task, n_candles)
            done = bar.tasks[0].completed
            bar.update(task, rate=f"{done / (time.monotonic() - begun_s):,.0f}/s")

        yield advance


class _Lines:
    def __init__(self, verb: str, total: int, *, say: Callable[[str], None]) -> None:
        self._verb = verb
        self._total = total
        self._say = say
        self._done = 0
        self._begun_s = self._said_s = time.monotonic()

    def advance(self, n_candles: int) -> None:
        self._done += n_candles
        now_s = time.monotonic()
        if now_s - self._said_s >= _EVERY_S:
            self._said_s = now_s
            self._say(progress_line(self._verb, self._done, self._total, elapsed_s=now_s - self._begun_s))


def progress_line(verb: str, done: int, total: int, *, elapsed_s: float) -> str:
    """Return one line: share, candles, rate and the time that is left at that rate.

    Parameters
    ----------
    verb : str
        What is done.
    done, total : int
        Candles.
    elapsed_s : float
        Above 0.
    """
    rate = done / elapsed_s
    left = f"{timedelta(seconds=round((total - done) / rate))} left" if rate else "no end in sight"
    share_pct = 100 * done // total if total else 100
    return f"{verb} {share_pct} %: {done:,} of {total:,} candles, {rate:,.0f}/s, {left}"
