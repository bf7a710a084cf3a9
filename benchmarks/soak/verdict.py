"""Was every bar held? Figures beside their bars; pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from benchmarks.soak.extent import Bars, Extent
from benchmarks.soak.facts import Evidence
from benchmarks.soak.faults import Deed
from benchmarks.soak.growth import Growth
from benchmarks.soak.plan import Plan
from benchmarks.soak.seen import Seen

Forecast = tuple[str, datetime]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one stack, and what it must be.

    Parameters
    ----------
    name : str
        What it tells.
    value : float
        The figure.
    least, most : float
        Its bar, themselves allowed; infinite: it is told, not judged.
    told : str
        Whatever else a reader should know.
    """

    name: str
    value: float
    least: float = -math.inf
    most: float = math.inf
    told: str = ""

    @property
    def judged(self) -> bool:
        """Whether there is a bar."""
        return math.isfinite(self.least) or math.isfinite(self.most)

    @property
    def held(self) -> bool:
        """Whether the bar is held; not a number holds none."""
        return not self.judged or self.least <= self.value <= self.most

    @property
    def bar(self) -> str:
        """The bar in words, "" where there is none."""
        if self.least == self.most:
            return f"= {self.least:g}"
        if math.isfinite(self.least):
            return f">= {self.least:g}"
        return f"<= {self.most:g}" if self.judged else ""

    @property
    def line(self) -> str:
        """The figure beside its bar."""
        verdict = ("held" if self.held else "MISSED") if self.judged else ""
        return f"{self.name:46} {self.value:>12.6g} {self.bar:>10} {verdict:7}{self.told}".rstrip()


def reader_figures(name: str, seen: Seen, bars: Bars, *, candle_wall_s: float, course_s: float) -> list[Figure]:
    """Return what the readers of stack `name` saw."""
    figures = []
    for probe, share in seen.availability().items():
        least = bars.latest_share if probe == "latest" else bars.other_share
        wrong = seen.wrong.get(probe, {})
        told = f"{len(wrong)} of {seen.asked[probe]} s" + (f"; {next(iter(wrong.values()))[:80]}" if wrong else "")
        figures.append(Figure(f"{name} {probe}: share of seconds right", share, least=least, told=told))
    told = f"n {len(seen.delays_s):,}, {seen.n_unseen:,} not seen before the next close"
    delays = {percent: seen.delay_s(percent, never_s=candle_wall_s) for percent in (50, 95, 99)}
    figures.append(Figure(f"{name} close to readable forecast, p95 s", delays[95], most=bars.delay_p95_s, told=told))
    figures += [Figure(f"{name} close to readable forecast, p{percent} s", delays[percent]) for percent in (50, 99)]
    told = f"{seen.n_failed:,} without a right answer" + "".join(f"; {one[:80]}" for one in seen.failures[:1])
    return [*figures, Figure(f"{name} requests of the load a second", seen.n_requests / course_s, told=told)]


def evidence_figures(name: str, evidence: Evidence, missing: tuple[Mapping[Forecast, str], Sequence[Forecast]],
                     n_wanted: int) -> list[Figure]:  # fmt: skip
    """Return what stack `name` had to show at the end."""
    candles, (explained, unexplained) = evidence.candles, missing
    n = f"of {candles.n:,}"
    causes = ", ".join(f"{cause}: {count}" for cause, count in evidence.misses.items())
    told = f"of {n_wanted:,}; {len(explained)} with a fault" + (f"; told as missed: {causes}" if causes else "")
    first = f"; first {unexplained[0][0]} {unexplained[0][1]:%d. %H:%M}" if unexplained else ""
    differing = "; ".join(evidence.disagreements[:2])
    return [
        Figure(f"{name} candles lost", candles.lost, most=0, told=n),
        Figure(f"{name} candles doubled", candles.doubled, most=0, told=n),
        Figure(f"{name} candles wrong", candles.wrong, most=0, told=n),
        Figure(f"{name} forecasts missing without a fault", len(unexplained), most=0, told=told + first),
        Figure(f"{name} ledger whole", float(evidence.chains_whole), least=1, most=1, told=evidence.chains[-200:]),
        Figure(f"{name} settled figures unlike plain SQL", len(evidence.disagreements), most=0,
               told=f"{evidence.n_settled:,} forecasts settled" + (f"; {differing}" if differing else "")),
        *(Figure(f"{name} coverage of {level:.0%} intervals", share, told=f"n {count:,}")
          for level, (share, count) in sorted(evidence.coverage.items())),
    ]  # fmt: skip


def growth_figures(names: Sequence[str], growths: Sequence[Growth], bars: Bars, *, least_mb: float) -> list[Figure]:
    """Return how process groups grew, those that hold less than `least_mb` told but not judged."""
    figures = []
    for one in growths:
        name = f"{names[one.stack]} {one.group}"
        large = one.first_mb >= least_mb
        told = f"{one.first_mb:.0f} to {one.last_mb:.0f} MB, files {one.first_files:.0f} to {one.last_files:.0f}"
        if bars.slope_pct_day is not None and one.slope_pct_day is not None:
            most = bars.slope_pct_day if large else math.inf
            figures.append(Figure(f"{name}: memory, % a market day", one.slope_pct_day, most=most, told=told))
        most = bars.growth_pct if bars.growth_pct is not None and large else math.inf
        figures.append(Figure(f"{name}: memory, % first to last quarter", one.growth_pct, most=most, told=told))
    return figures


def run_figures(extent: Extent, plan: Plan, deeds: Sequence[Deed], *, lasted_s: float) -> list[Figure]:
    """Return whether the course was run to its end and everything was done that was planned."""
    done = [deed for deed in deeds if not deed.problem]
    problems = "; ".join(f"{deed.kind} at {deed.began_s:.0f} s: {deed.problem[:100]}" for deed in deeds if deed.problem)
    shown = sum(len(script["faults"]) for script in plan.scripts)
    told = f"{len(done)} of {len(plan.acts)}, {shown} faults of venues and feeds" + (
        f"; {problems}" if problems else ""
    )
    share = len(done) / max(1, len(plan.acts))
    return [
        Figure("course, wall seconds", round(lasted_s), least=extent.course_s),
        Figure("acts done of those planned, share", share, least=1.0, told=told),
    ]


def hit_figure(name: str, before: Mapping[str, int], after: Mapping[str, int], bars: Bars) -> Figure:
    """Return the share of cache reads between two moments that were hits."""
    reads = {outcome: after.get(outcome, 0) - before.get(outcome, 0) for outcome in after}
    n = sum(reads.values())
    share = reads.get("hit", 0) / n if n else math.nan
    return Figure(f"{name} cache reads that were hits, share", share, least=bars.hit_rate, told=f"n {n:,}")
