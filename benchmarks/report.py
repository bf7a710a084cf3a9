"""What every benchmark says of itself, in one form: figures, commit, machine, and whether its bars were held.

The exit status means the same everywhere. 0: measured, both sides equal, every bar held. 1: it could not be
measured, an answer was wrong, or a bar was missed; standard error says which. 2: the command line is wrong.
"""

import json
import math
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).parent.parent
REQUIRED = ("metric", "ours", "unit", "n", "higher_is_better")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure must be.

    Parameters
    ----------
    metric : str
        Name of the figure; each row of that name is held against it.
    field : {"ours", "ratio"}
        Which value of the row: figures that hang on the machine are judged by their ratio to the peer's.
    least, most : float
        The bounds, themselves allowed.
    """

    metric: str
    field: Literal["ours", "ratio"]
    least: float = -math.inf
    most: float = math.inf

    def in_form(self) -> dict[str, Any]:
        """Return the bar as its row tells it, without bounds that are none."""
        ends = {"least": self.least, "most": self.most}
        return {"field": self.field, **{name: end for name, end in ends.items() if math.isfinite(end)}}


def finish(benchmark: str, rows: Sequence[Row], *, as_json: bool, bars: Sequence[Bar] = ()) -> None:
    """Print the run as one line of JSON where asked for, and return if `rows` hold all `bars`.

    Raises
    ------
    SystemExit
        When a bar is missed; names each.
    """
    if as_json:
        said = {"benchmark": benchmark, "commit": commit(), "machine": machine()}
        results = [in_form(benchmark, row, bars) for row in rows]
        print(json.dumps(said | {"results": results}, allow_nan=False), flush=True)
    require(benchmark, rows, bars)


def in_form(benchmark: str, row: Row, bars: Sequence[Bar] = ()) -> dict[str, Any]:
    """Return `row` with every field that all rows have.

    A row names its metric, ours, unit, n and whether higher is better; `peer` and `ratio` are None without a peer.
    `low` and `high` bound what `interval_of` names, ours unless the row says the ratio. Bars become part of their row.
    What is not finite becomes None, for JSON has no word for it. `not_measured` says why a row has no figure.
    """
    if missing := [name for name in REQUIRED if name not in row]:
        raise ValueError(f"{benchmark}: row {dict(row)} has no {', '.join(missing)}")
    whole = {"peer": None, "ratio": None, **row}
    if "low" in row:
        whole.setdefault("interval_of", "ours")
    if held_to := [bar.in_form() for bar in _bars_of(row, bars)]:
        whole["bars"] = held_to
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in whole.items()
    }


def require(benchmark: str, rows: Sequence[Row], bars: Sequence[Bar]) -> None:
    """Return if `rows` hold all `bars`.

    Raises
    ------
    SystemExit
        When one is missed; names each.
    """
    missed = [
        f"{benchmark}: missed: {_name(row)} {bar.field} is {row[bar.field]:.3g}, "
        + (f"at least {bar.least:g}" if row[bar.field] < bar.least else f"at most {bar.most:g}")
        for row in rows
        for bar in _bars_of(row, bars)
        # not a number misses every bar
        if not bar.least <= row[bar.field] <= bar.most
    ]
    if missed:
        raise SystemExit("\n".join(missed))


def holds(row: Row, bar: Mapping[str, Any]) -> bool:
    """Return whether a row in form holds one of its bars."""
    value = row[bar["field"]]
    return value is not None and bar.get("least", -math.inf) <= value <= bar.get("most", math.inf)


def commit() -> str:
    """Return the short name of the commit that is measured, marked where files differ from it; "" without one."""
    command = ["git", "--no-optional-locks", "describe", "--always", "--exclude", "*", "--dirty=+"]
    try:
        asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return asked.stdout.strip()


def machine() -> dict[str, Any]:
    """Return how many CPUs this process may use, which, their memory, the system, and the Python."""
    memory_gb = os.sysconf("SC_PAGESIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpus": len(os.sched_getaffinity(0)), "processor": _processor(), "memory_gb": round(memory_gb),
        "system": platform.system(), "python": sys.version.split()[0],
    }  # fmt: skip


def _bars_of(row: Row, bars: Sequence[Bar]) -> list[Bar]:
    # what could not be measured here holds no bar, and misses none
    return [bar for bar in bars if bar.metric == row["metric"] and "not_measured" not in row]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _name(row: Row) -> str:
    at = f" at {row['connections']} connections" if "connections" in row else ""
    return f"{row['metric']}{at}:"
