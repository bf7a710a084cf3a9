"""What did the readers see? Their notes, second by second, and what they add up to; pure but for `read_notes`."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

_SHOWN = 12


@dataclass(slots=True)
class Seen:
    """Of one stack: for each probe the seconds in which it was asked and those in which it was wrong, and the rest.

    Parameters
    ----------
    asked : mapping of str to int
        Seconds in which a probe was asked.
    wrong : mapping of str to dict of int to str
        By probe, the seconds in which it was not right even when asked again, and why.
    latencies_ms : mapping of str to list of float
        Of the load, by route, failed requests too.
    failures : list of str
        Of the load, the first ones.
    n_failed : int
        Requests of the load that had no right answer.
    delays_s : list of float
        Wall seconds from close to readable forecast.
    n_unseen : int
        Forecasts that nobody could read before the next close.
    """

    asked: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    latencies_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    n_failed: int = 0
    delays_s: list[float] = field(default_factory=list)
    n_unseen: int = 0

    @property
    def n_requests(self) -> int:
        """Requests of the load."""
        return sum(map(len, self.latencies_ms.values()))

    def availability(self) -> dict[str, float]:
        """Return the share of seconds in which each probe was right."""
        return {name: 1.0 - len(self.wrong.get(name, ())) / n for name, n in sorted(self.asked.items())}

    def delay_s(self, percent: float, *, never_s: float) -> float:
        """Return a percentile of the delays; what nobody could read before the next close took `never_s`."""
        delays_s = self.delays_s + [never_s] * self.n_unseen
        return float(np.percentile(delays_s, percent)) if delays_s else float("nan")


def read_notes(file: Path) -> list[dict[str, Any]]:
    """Return the lines that the readers wrote; a last one that is cut off is left out."""
    lines = file.read_text().splitlines() if file.exists() else []
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def add_up(notes: Iterable[Mapping[str, Any]], *, n_stacks: int) -> list[Seen]:
    """Return what was seen of each stack."""
    found = [Seen() for _ in range(n_stacks)]
    for note in notes:
        seen = found[note["stack"]]
        for name, reason in note["probes"].items():
            seen.asked[name] += 1
            if reason:
                seen.wrong[name][note["second"]] = reason
        for route, latencies_ms in note["latencies_ms"].items():
            seen.latencies_ms[route] += latencies_ms
        seen.n_failed += len(note["failures"])
        seen.failures += note["failures"][: max(0, _SHOWN - len(seen.failures))]
        seen.delays_s += note["delays_s"]
        seen.n_unseen += note["n_unseen"]
    return found
