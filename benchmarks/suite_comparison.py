"""Which figures got worse since the run before, by more than the noise? Pure.

Compared is the ratio to the peer where there is one, for machines differ and are busy; else our own figure, on the same
machine only. Where the interval of what is compared is known in both runs, worse means that the intervals are apart and
the figure moved by `LEAST_SHARE` at least; where not, that it moved by more than `STATED_SHARE`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

STATED_SHARE, LEAST_SHARE = 0.25, 0.05
# what tells one row of a benchmark from another
IDENTITY = (
    *("metric", "dataset", "symbol", "symbols", "candles", "horizon", "level", "kind", "shape", "engine"),
    *("connections", "way", "baseline", "peer_is"),
)

Row = Mapping[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """The rows of one benchmark, and what must be the same for them to be compared."""

    benchmark: str
    form: str
    arguments: Sequence[str]
    machine: Mapping[str, Any]
    rows: Sequence[Row]

    @property
    def place(self) -> tuple[Any, ...]:
        """Where it ran."""
        return tuple(self.machine.get(name) for name in ("cpus", "processor", "system"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Lines of what got worse and better, and how many rows could not be compared, by reason."""

    worse: Sequence[str]
    better: Sequence[str]
    n_compared: int
    left_out: Mapping[str, int]


def compare(before: Iterable[Measured], after: Iterable[Measured]) -> Comparison:
    """Return what changed between two runs of the suite."""
    known = {one.benchmark: one for one in before}
    worse, better, left_out, n_compared = [], [], dict[str, int](), 0
    for run in after:
        old = known.get(run.benchmark)
        if reason := _unlike(old, run):
            left_out[reason] = left_out.get(reason, 0) + len(run.rows)
            continue
        assert old is not None
        earlier = {_key(row): row for row in old.rows}
        for row in run.rows:
            field = _field(earlier.get(_key(row)), row, same_place=old.place == run.place)
            if field is None:
                left_out["no such figure before"] = left_out.get("no such figure before", 0) + 1
                continue
            n_compared += 1
            change = _change(earlier[_key(row)], row, field)
            if change:
                (worse if change < 0 else better).append(_line(run.benchmark, earlier[_key(row)], row, field))
    return Comparison(worse, better, n_compared, left_out)


def named(row: Row) -> str:
    """Return what a row is called among the rows of its benchmark."""
    facts = [f"{row[name]:,} {name}" for name in ("symbols", "candles", "connections") if name in row]
    facts += [str(row[name]) for name in ("dataset", "symbol", "kind", "shape", "engine", "way") if name in row]
    facts += [f"horizon {row['horizon']}"] if "horizon" in row else []
    return ", ".join([row["metric"], *facts])


def _unlike(old: Measured | None, run: Measured) -> str:
    if old is None or not old.rows:
        return "not measured before"
    if (old.form, list(old.arguments)) != (run.form, list(run.arguments)):
        return "measured otherwise before"
    return ""


def _key(row: Row) -> Key:
    return tuple(row.get(name) for name in IDENTITY)


def _field(old: Row | None, row: Row, *, same_place: bool) -> str | None:
    fields = ("ratio", "ours") if same_place else ("ratio",)
    return next((name for name in fields if old and old.get(name) is not None and row.get(name) is not None), None)


def _change(old: Row, row: Row, field: str) -> int:
    """Return -1 for worse, 1 for better, 0 for what may be noise."""
    # a ratio is always such that more is better
    sign = 1 if field == "ratio" or row["higher_is_better"] else -1
    moved = sign * (row[field] - old[field])
    intervals = [_interval(one, field) for one in (old, row)]
    share = STATED_SHARE if None in intervals else LEAST_SHARE
    if abs(moved) <= share * abs(old[field]) or _overlap(*intervals):
        return 0
    return 1 if moved > 0 else -1


def _interval(row: Row, field: str) -> tuple[float, float] | None:
    low, high = row.get("low"), row.get("high")
    # one turn has no width, and so tells no noise
    if row.get("interval_of") != field or low is None or high is None or low == high:
        return None
    return low, high


def _overlap(one: tuple[float, float] | None, other: tuple[float, float] | None) -> bool:
    return one is not None and other is not None and one[0] <= other[1] and other[0] <= one[1]


def _line(benchmark: str, old: Row, row: Row, field: str) -> str:
    unit = "" if field == "ratio" else f" {row['unit']}"
    return f"{benchmark}: {named(row)}: {field} {old[field]:.4g} before, {row[field]:.4g}{unit} now"
