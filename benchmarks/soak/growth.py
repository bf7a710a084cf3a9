"""Does a process group grow? Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.soak.extent import DAY_S
from benchmarks.soak.processes import PASSING
from benchmarks.soak.watch import Sample

# of the life of a process: until then it loads what it needs, fills its caches, and finds its threads
WARM_UP_SHARE, LEAST_WARM_UP_S = 0.25, 60.0
# a slope of fewer samples says nothing
LEAST_SAMPLES = 8
# below this a per cent is noise: a small process grows by a page
LEAST_MB = 20.0


@dataclass(frozen=True, slots=True)
class Growth:
    """How one group of one stack went.

    Parameters
    ----------
    stack : int
        Place of the stack.
    group : str
        Of processes.
    first_mb, last_mb : float
        Median memory of all its processes together, in the first and the last quarter of the course.
    slope_pct_day : float or None
        Growth of memory a market day, of each process after its warm-up, weighed by memory and life; None: none lived
        long enough.
    first_files, last_files : float
        Median of open files.
    n_processes : int
        That were seen.
    """

    stack: int
    group: str
    first_mb: float
    last_mb: float
    slope_pct_day: float | None
    first_files: float
    last_files: float
    n_processes: int

    @property
    def growth_pct(self) -> float:
        """Growth from the first to the last quarter, in per cent."""
        return 100.0 * (self.last_mb / self.first_mb - 1.0) if self.first_mb else 0.0


def growths(samples: Sequence[Sample], *, speed: float) -> list[Growth]:
    """Return the growth of each group that lasts, by stack and name."""
    groups: dict[tuple[int, str], list[Sample]] = defaultdict(list)
    for sample in samples:
        if sample.group not in PASSING:
            groups[sample.stack, sample.group].append(sample)
    return [_growth(key, found, speed) for key, found in sorted(groups.items())]


def slope_of(times_s: Sequence[float], memory_mb: Sequence[float], *, speed: float) -> float:
    """Return the least squares growth in per cent of the mean a market day."""
    days = np.asarray(times_s) * speed / DAY_S
    return float(100.0 * np.polyfit(days, memory_mb, 1)[0] / np.mean(memory_mb))


def _growth(key: tuple[int, str], samples: list[Sample], speed: float) -> Growth:
    totals: dict[float, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for one in samples:
        memory_mb, n_files = totals[one.at_s]
        totals[one.at_s] = (memory_mb + one.memory_mb, n_files + one.n_files)
    times_s = np.array(sorted(totals))
    quarter_s = (times_s[-1] - times_s[0]) / 4
    first = [totals[at_s] for at_s in times_s if at_s <= times_s[0] + quarter_s]
    last = [totals[at_s] for at_s in times_s if at_s >= times_s[-1] - quarter_s]
    (first_mb, first_files), (last_mb, last_files) = (np.median(part, axis=0) for part in (first, last))
    return Growth(
        *key,
        float(first_mb),
        float(last_mb),
        _weighed_slope(samples, speed),
        float(first_files),
        float(last_files),
        len({one.pid for one in samples}),
    )


def _weighed_slope(samples: Iterable[Sample], speed: float) -> float | None:
    lives: dict[int, list[Sample]] = defaultdict(list)
    for one in samples:
        lives[one.pid].append(one)
    slopes, weights = [], []
    for life in lives.values():
        lasted_s = life[-1].at_s - life[0].at_s
        warm_s = life[0].at_s + max(LEAST_WARM_UP_S, WARM_UP_SHARE * lasted_s)
        kept = [one for one in life if one.at_s >= warm_s]
        if len(kept) >= LEAST_SAMPLES:
            memory_mb = [one.memory_mb for one in kept]
            slopes.append(slope_of([one.at_s for one in kept], memory_mb, speed=speed))
            weights.append(float(np.mean(memory_mb)) * (kept[-1].at_s - kept[0].at_s))
    return float(np.average(slopes, weights=weights)) if slopes else None
