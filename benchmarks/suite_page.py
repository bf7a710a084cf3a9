"""The page of all figures: one table whose rows carry their own conditions. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from report import holds
from suite_comparison import Comparison, named
from suite_list import BENCHMARKS, CLAIMS, Benchmark
from suite_runs import Outcome

Row = Mapping[str, Any]

_INTRODUCTION = """# Benchmarks

Written by `make bench`; do not edit. Each file of `benchmarks/` asks one question, ours and the peer doing the same
work on the same input in the same run, in turn; `.venv/bin/python benchmarks/NAME.py` runs one alone.

```sh
make bench QUICK=1                        # the short forms, one to five minutes each
make bench DATA=candles TEXTS=labelled    # in full, on recordings where a benchmark takes them
make bench ONLY=serve,overload RESUME=1   # some; goes on where a run was cut off
```

- `ratio` above 1 is in our favour: ours by the peer's where higher is better, else the peer's by ours; the median of
  all turns, with the lowest and the highest. The brackets behind ours are the interval of a figure of quality, or the
  range of all tries.
- `bar` is what the figure must be; **missed** says that it was not. Times are of the machine named below.
- Each row says how it was taken: quick or in full, when (UTC), at which commit (`+`: with changes), and how many CPUs
  other work took as it began. Where these are not near 0, times are longer than they need be, and a bar may be missed
  for that alone.
- Other pages quote runs in full on a machine that did nothing else, and say so; those are other runs than these.
- The next run compares with the figures of this one (`benchmarks.json`, beside this page). A figure got worse where
  its interval lies apart from the one before; where it has none, where it moved by more than 25 %.
"""


def page(outcomes: Mapping[str, Outcome], compared: Comparison | None) -> str:
    """Return the whole page as Markdown."""
    known = [(benchmark, outcomes[benchmark.name]) for benchmark in BENCHMARKS if benchmark.name in outcomes]
    parts = [_INTRODUCTION, _machines(outcomes), _claims(outcomes), _table(known), _without(known), _compared(compared)]
    return "\n".join(part for part in parts if part)


def summary(benchmark: Benchmark, outcome: Outcome) -> str:
    """Return what a terminal shows of one outcome."""
    why = f": {outcome.said}" if outcome.said else ""
    lines = [f"  {_plain(row)}" for row in outcome.shown(benchmark)]
    return "\n".join([f"{benchmark.name}: {outcome.status} after {outcome.took_s:.0f} s{why}", *lines])


def shown(value: float | None) -> str:
    """Return a figure as people read it: three digits, thousands apart."""
    if value is None:
        return "undefined"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def _claims(outcomes: Mapping[str, Outcome]) -> str:
    lines = ["| the report | here |", "| --- | --- |"]
    for claim, name, metrics in CLAIMS:
        rows = [row for row in (outcomes[name].results if name in outcomes else ()) if row["metric"] in metrics]
        told = [f"{named(row)} {_ours(row)}" for row in rows] or [f"`{name}` has no figure"]
        lines.append(f"| {claim} | {'; '.join(told)} |")
    return "\n".join(["## Beside the report that this was planned by", "", *lines, ""])


def _table(known: Sequence[tuple[Benchmark, Outcome]]) -> str:
    head = ["benchmark", "figure", "ours", "peer", "ratio", "bar", "n", "taken"]
    lines = [head, ["---"] * len(head)]
    for benchmark, outcome in known:
        lines += [[benchmark.name, *_cells(row), _taken(outcome)] for row in outcome.shown(benchmark)]
    return "## Figures\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cells(row: Row) -> list[str]:
    peer = "" if row["peer"] is None else shown(row["peer"])
    peer_is = row.get("peer_is") or row.get("baseline") or ""
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}{_interval(row, 'ratio')}"
    return [
        named(row),
        _ours(row),
        f"{peer} ({peer_is})" if peer and peer_is else peer,
        ratio,
        _bars(row),
        f"{row['n']:,}",
    ]


def _ours(row: Row) -> str:
    return row.get("not_measured") or f"{shown(row['ours'])} {row['unit']}{_interval(row, 'ours')}"


def _bars(row: Row) -> str:
    told = []
    for bar in row.get("bars", ()):
        ends = [f"{word} {shown(bar[end])}" for end, word in (("least", "≥"), ("most", "≤")) if end in bar]
        told.append(f"{bar['field']} {' '.join(ends)}" + ("" if holds(row, bar) else " **missed**"))
    return ", ".join(told)


def _interval(row: Row, field: str) -> str:
    low, high = row.get("low"), row.get("high")
    if row.get("interval_of") != field or low is None or high is None or low == high:
        return ""
    return f" [{shown(low)}, {shown(high)}]"


def _taken(outcome: Outcome) -> str:
    busy = f"{outcome.others_cpus:g} of {outcome.machine['cpus']} CPUs busy"
    return f"{outcome.form}, {outcome.date}, `{outcome.commit or 'no commit'}`, {busy}"


def _machines(outcomes: Mapping[str, Outcome]) -> str:
    said = {_machine(one.machine, one.versions) for one in outcomes.values() if one.machine}
    return "\n".join(f"Measured on {line}" for line in sorted(said)) + "\n"


def _machine(machine: Mapping[str, Any], versions: Mapping[str, str]) -> str:
    kind = f"{machine['cpus']} CPUs ({machine['processor']}), {machine['memory_gb']} GB, {machine['system']}"
    programs = ", ".join(f"{name} {number}" for name, number in versions.items())
    return f"{kind}, Python {machine['python']}; {programs}."


def _without(known: Sequence[tuple[Benchmark, Outcome]]) -> str:
    lines = [
        f"- `{benchmark.name}` ({outcome.form}, {outcome.date}): {outcome.status}: {outcome.said}"
        for benchmark, outcome in known
        if outcome.status != "measured"
    ]
    return "\n".join(["## Failed, missed, left out", "", *lines, ""]) if lines else ""


def _compared(compared: Comparison | None) -> str:
    if compared is None:
        return ""
    lines = [f"{compared.n_compared} figures were compared with those of the run before."]
    lines += [f"{n} were not: {reason}." for reason, n in compared.left_out.items()]
    worse = [f"- {line}" for line in compared.worse] or ["- none"]
    parts = ["## Against the run before", "", " ".join(lines), "", "Worse by more than the noise:", "", *worse, ""]
    return "\n".join(parts)


def _plain(row: Row) -> str:
    metric, ours, peer, ratio, bars, _ = _cells(row)
    told = [f"peer {peer}" if peer else "", f"ratio {ratio}" if ratio else "", f"bar {bars}" if bars else ""]
    return "  ".join([f"{metric:44} {ours}", *(text for text in told if text)])
