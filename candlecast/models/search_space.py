"""Which parameters are searched, and between which bounds? The same ranges for every search method."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

Params = dict[str, float]

MAX_ROUNDS = 400


@dataclass(frozen=True, slots=True)
class Range:
    """Values that one parameter may take, both bounds included.

    Parameters
    ----------
    low, high : float
        Bounds.
    log : bool
        Whether equal ratios are equally likely, instead of equal differences.
    whole : bool
        Whether only whole numbers are taken.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def holds(self, value: float) -> bool:
        """Tell whether `value` lies between the bounds."""
        return self.low <= value <= self.high


# rounds are not in it: every trial learns them by itself
SPACE: dict[str, Range] = {
    "learning_rate": Range(0.02, 0.2, log=True),
    "max_depth": Range(3, 7, whole=True),
    "min_child_weight": Range(5, 300, log=True),
    "subsample": Range(0.3, 1.0),
    "colsample_bytree": Range(0.3, 1.0),
    "reg_lambda": Range(0.5, 50, log=True),
}
GRID: dict[str, tuple[float, ...]] = {
    "learning_rate": (0.03, 0.06, 0.12),
    "max_depth": (3, 5, 7),
    "min_child_weight": (5, 50, 200),
    "subsample": (0.5, 0.75, 1.0),
}


def grid_points() -> list[Params]:
    """Return every point of `GRID`, 81 in all, in a fixed order."""
    return [dict(zip(GRID, values, strict=True)) for values in product(*GRID.values())]


def in_space(params: Mapping[str, float]) -> Params | None:
    """Return the searched part of `params`; None when one of them is missing or out of its range."""
    if any(name not in params or not bounds.holds(params[name]) for name, bounds in SPACE.items()):
        return None
    return {name: params[name] for name in SPACE}
