"""What the readers of a stack note, second by second."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Second:
    """What was seen in one wall second.

    Parameters
    ----------
    probes : dict of str to str
        Why a probe was wrong when it had been asked again, "" when it was right.
    latencies_ms : dict of str to list of float
        Of the load, by route.
    failures : list of str
        Requests of the load without a right answer.
    delays_s : list of float
        From close to readable forecast.
    n_unseen : int
        Forecasts that could not be read before the next close.
    """

    probes: dict[str, str] = field(default_factory=dict)
    latencies_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    delays_s: list[float] = field(default_factory=list)
    n_unseen: int = 0


class Notes:
    """The notes of one stack that are not yet written down.

    Parameters
    ----------
    stack : int
        Place of the stack.
    """

    def __init__(self, stack: int) -> None:
        self._stack = stack
        self._seconds: dict[int, Second] = defaultdict(Second)

    def of(self, second: int) -> Second:
        """Return the note of a second of the course."""
        return self._seconds[second]

    def lines(self, *, until: float) -> Iterator[str]:
        """Yield a line of JSON for each second before `until`, and forget it.

        What belongs to such a second and comes later makes another line of the same second.
        """
        for second in sorted(one for one in self._seconds if one < until):
            note = self._seconds.pop(second)
            line = {
                "stack": self._stack,
                "second": second,
                "probes": note.probes,
                "latencies_ms": {name: [round(one, 2) for one in found] for name, found in note.latencies_ms.items()},
                "failures": note.failures,
                "delays_s": note.delays_s,
                "n_unseen": note.n_unseen,
            }
            yield json.dumps(line) + "\n"
