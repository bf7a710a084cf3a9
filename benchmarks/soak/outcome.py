"""What a soak came to, also one that was broken off."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from benchmarks.report import commit, machine
from benchmarks.soak.extent import Extent
from benchmarks.soak.faults import Deed
from benchmarks.soak.growth import LEAST_MB, growths
from benchmarks.soak.page import Report, write_html, write_json
from benchmarks.soak.plan import Plan
from benchmarks.soak.seen import Seen, add_up, read_notes
from benchmarks.soak.verdict import Figure, growth_figures, reader_figures, run_figures
from benchmarks.soak.watch import Sample


@dataclass(slots=True)
class Result:
    """What a soak came to."""

    figures: list[Figure] = field(default_factory=list)
    broken_off: str = ""

    @property
    def held(self) -> bool:
        """Whether it ran to its end and every bar was held."""
        return not self.broken_off and all(figure.held for figure in self.figures)

    @property
    def verdict(self) -> str:
        """Return the outcome in words."""
        n_missed = sum(not figure.held for figure in self.figures)
        if self.broken_off:
            return f"broken off: {self.broken_off}"
        return "every bar held" if self.held else f"{n_missed} bars missed"


@dataclass(slots=True)
class Course:
    """What is known of the run so far, for the report of one that is broken off."""

    extent: Extent
    plan: Plan
    out: Path
    began_at: datetime
    began_wall_s: float = 0.0
    lasted_s: float = 0.0
    start_s: float = 0.0
    deeds: list[Deed] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)
    ends: list[Figure] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """What the stacks are called."""
        return [market.timeframe for market in self.extent.markets]


def write_report(course: Course, result: Result) -> None:
    """Judge what is known of a course, and write the report of it."""
    seen = add_up(read_notes(course.out / "notes.jsonl"), n_stacks=len(course.extent.markets))
    result.figures = _figures(course, seen)
    head = {
        "verdict": result.verdict, "extent": course.extent.name, "seed": course.plan.seed, "commit": commit(),
        "machine": ", ".join(f"{name} {value}" for name, value in machine().items()),
        "began": course.began_at.isoformat(timespec="seconds"), "start_s": round(course.start_s, 1),
        "lasted_s": round(course.lasted_s, 1),
    }  # fmt: skip
    report = Report(head, course.names, result.figures, course.plan, course.deeds, seen, course.samples)
    write_json(course.out / "report.json", report)
    write_html(course.out / "report.html", report)


def _figures(course: Course, seen: Sequence[Seen]) -> list[Figure]:
    extent, figures = course.extent, run_figures(course.extent, course.plan, course.deeds, lasted_s=course.lasted_s)
    if course.loads:
        told = f"up to {max(course.loads):.1f}, on {machine()['cpus']} CPUs; what others take of them is in it"
        figures.append(Figure("load average, mean", sum(course.loads) / len(course.loads), told=told))
    for name, market, one in zip(course.names, extent.markets, seen, strict=True):
        candle_wall_s = market.candle_s / extent.speed
        lasted_s = max(1.0, course.lasted_s)
        figures += reader_figures(name, one, extent.bars, candle_wall_s=candle_wall_s, course_s=lasted_s)
    figures += course.ends
    found = growths(course.samples, speed=extent.speed)
    return figures + growth_figures(course.names, found, extent.bars, least_mb=LEAST_MB)
