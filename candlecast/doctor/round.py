"""How are all parts looked at in bounded time? At once, each in a thread that nobody waits for too long."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from candlecast.doctor.finding import Finding, broken
from candlecast.errors import CandlecastError
from candlecast.visible import visible


@dataclass(frozen=True, slots=True)
class Part:
    """Something to look at.

    Parameters
    ----------
    name : str
        What it is called.
    look : callable
        Returns how it is; what it raises means that it is broken.
    mend : str
        What to do when `look` raises or does not end.
    """

    name: str
    look: Callable[[], Finding]
    mend: str


def look_at(parts: Sequence[Part], *, timeout_s: float) -> dict[str, Finding]:
    """Return how each part is, in their order; one that has not ended after `timeout_s` is broken."""
    found: dict[str, Finding] = {}

    def look(part: Part) -> None:
        found[part.name] = _looked_at(part)

    # daemons: a part that hangs shall not keep the program from ending
    threads = [threading.Thread(target=look, args=(part,), daemon=True, name=f"doctor-{part.name}") for part in parts]
    for thread in threads:
        thread.start()
    deadline_s = time.monotonic() + timeout_s
    for thread in threads:
        thread.join(max(0.0, deadline_s - time.monotonic()))
    late = f"had not ended after {timeout_s:g} s"
    return {part.name: found.get(part.name) or broken(late, part.mend) for part in parts}


def _looked_at(part: Part) -> Finding:
    try:
        finding = part.look()
    except CandlecastError as error:
        finding = broken(str(error), part.mend)
    except Exception as error:  # noqa: BLE001
        # a part that fails in a way nobody thought of is a finding too, and hides no other
        finding = broken(f"{type(error).__name__}: {error}", part.mend)
    return Finding(finding.verdict, visible(finding.detail), finding.mend)
