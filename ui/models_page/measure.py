"""What is one figure of a model? A value in words, with what it aims at and what it must beat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ui import words

Better = Literal["higher", "lower", "near"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a model.

    Parameters
    ----------
    name : str
        What it is called.
    value : float or None
        None where it is not known.
    better : str
        ``higher`` or ``lower`` is better, or to be ``near`` the target.
    baselines : mapping of str to float or None
        The same figure of what needs no model, by name.
    target : float or None
        What a figure that should be ``near`` aims at.
    low, high : float or None
        Interval of 95 % around the value, where one is known.
    in_percent : bool
        Whether it is a share.
    """

    name: str
    value: float | None
    better: Better
    baselines: Mapping[str, float | None]
    target: float | None = None
    low: float | None = None
    high: float | None = None
    in_percent: bool = False

    def text(self) -> str:
        """Return the value in words, with its interval."""
        said = self.written(self.value)
        if self.low is None or self.high is None:
            return said
        return f"{said} [{100 * self.low:.1f}–{100 * self.high:.1f}]"

    def written(self, value: float | None) -> str:
        """Return a value of this kind in words."""
        if value is None:
            return "–"
        return words.share_pct(value) if self.in_percent else f"{value:.4f}".replace("-", "−")

    def beats(self, other: float | None) -> bool | None:
        """Tell whether the value is better than another, None where they are equal or either is not known."""
        if self.value is None or other is None or self.value == other:
            return None
        if self.target is not None:
            return abs(self.value - self.target) < abs(other - self.target)
        return self.value > other if self.better == "higher" else self.value < other
