"""What did the run measure? Figures that its end prints, and bounds on them."""

from dataclasses import dataclass, field

# CI runs these tests beside others on the same two cores, where all containers together weigh as much as one process;
# the bounds are meant for a machine that does nothing else
SLACK = 3.0


@dataclass
class Figures:
    """Lines in the order in which they were measured."""

    lines: list[str] = field(default_factory=list)
    first_start_s: float = float("nan")

    def note(self, what: str, value: str) -> None:
        """Keep a figure that has no bound."""
        self.lines.append(f"{what:58} {value}")

    def bound(self, what: str, value: float, *, most: float, unit: str = "s", slack: float = SLACK) -> None:
        """Keep a figure and fail if it is above `most` times `slack`."""
        self.note(
            what, f"{value:8.1f} {unit}, at most {most:g}" + ("" if slack == 1 else f" (fails above {most * slack:g})")
        )
        assert value <= most * slack, f"{what}: {value:.1f} {unit}, at most {most:g} times {slack:g}"
