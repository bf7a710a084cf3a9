"""What every benchmark says of itself: the commit and the machine, and whether its bars were held.

The exit status means the same everywhere. 0: measured, both sides equal, every bar held. 1: it could not be
measured, an answer was wrong, or a bar was missed; standard error says which. 2: the command line is wrong.
"""

import math
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal


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


def require(benchmark: str, rows: Sequence[Mapping[str, Any]], bars: Sequence[Bar]) -> None:
    """Return if `rows` hold all `bars`.

    Raises
    ------
    SystemExit
        When one is missed; names each.
    """
    missed = [
        f"{benchmark}: missed: {_name(row)} {bar.field} is {row[bar.field]:.3g}, "
        + (f"at least {bar.least:g}" if row[bar.field] < bar.least else f"at most {bar.most:g}")
        for bar in bars
        for row in rows
        # not a number misses every bar
        if row["metric"] == bar.metric and not bar.least <= row[bar.field] <= bar.most
    ]
    if missed:
        raise SystemExit("\n".join(missed))


def commit() -> str:
    """Return the short name of the commit that is measured, "" outside a repository."""
    try:
        asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return asked.stdout.strip()


def machine() -> dict[str, Any]:
    """Return how many CPUs this process may use, and its Python."""
    return {"cpus": len(os.sched_getaffinity(0)), "python": sys.version.split()[0]}


def _name(row: Mapping[str, Any]) -> str:
    at = f" at {row['connections']} connections" if "connections" in row else ""
    return f"{row['metric']}{at}:"
