"""The report: one JSON file for programs, one HTML page for people."""

import html
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go

from benchmarks.soak.faults import Deed
from benchmarks.soak.plan import Plan
from benchmarks.soak.seen import Seen
from benchmarks.soak.verdict import Figure
from benchmarks.soak.watch import Sample

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1d2330}"
    "table{border-collapse:collapse;width:100%}td,th{padding:.2rem .6rem;border-bottom:1px solid #dde;text-align:left}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}.missed{background:#fbe3e6}h1 small{color:#667}"
)


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told of a soak: head, names of its stacks, figures, what was planned, done, seen and held."""

    head: Mapping[str, Any]
    names: Sequence[str]
    figures: Sequence[Figure]
    plan: Plan
    deeds: Sequence[Deed]
    seen: Sequence[Seen]
    samples: Sequence[Sample]


def write_json(file: Path, report: Report) -> None:
    """Write what programs read: head, figures with their bars, what was planned and done, latencies by route."""
    content = {
        **report.head,
        "figures": [_plain(asdict(one) | {"held": one.held}) for one in report.figures],
        "latencies_ms": dict(zip(report.names, map(_percentiles, report.seen), strict=True)),
        "wrong_seconds": {name: one.wrong for name, one in zip(report.names, report.seen, strict=True)},
        "plan": asdict(report.plan),
        "deeds": [asdict(deed) for deed in report.deeds],
    }
    file.write_text(json.dumps(content, indent=1) + "\n")


def write_html(file: Path, report: Report) -> None:
    """Write what people read: figures, latencies, deeds, and plots of memory, files and what was wrong when."""
    facts = " · ".join(f"{name} {value}" for name, value in report.head.items())
    named = list(zip(report.names, report.seen, strict=True))
    parts = [
        f"<h1>Soak <small>{html.escape(str(report.head['verdict']))}</small></h1><p>{html.escape(facts)}</p>",
        _figure_table(report.figures),
        "<h2>Latency of the load, ms from when a request was due</h2>",
        *(_latency_table(name, one) for name, one in named),
        "<h2>Seconds that were wrong, and what was done</h2>",
        _plot(_wrong_plot(report), first=True),
        "<h2>Memory and open files</h2>",
        *(_plot(_held_plot(report.samples, place, name)) for place, name in enumerate(report.names)),
        "<h2>What was done</h2>",
        _deed_table(report.names, report.deeds),
    ]
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Soak</title><style>{_STYLE}</style>'
    file.write_text(page + "".join(parts) + "</html>\n")


def _figure_table(figures: Sequence[Figure]) -> str:
    rows = [
        (one.name, f"{one.value:.6g}", one.bar, ("held" if one.held else "MISSED") if one.judged else "", one.told)
        for one in figures
    ]
    return _table(("figure", "value", "bar", "", ""), rows, missed=[not one.held for one in figures])


def _latency_table(name: str, seen: Seen) -> str:
    found = _percentiles(seen)
    rows = [(route, *(f"{one[key]:.6g}" for key in ("n", "p50", "p95", "p99", "max"))) for route, one in found.items()]
    return f"<h3>{html.escape(name)}</h3>" + _table(("route", "n", "p50", "p95", "p99", "max"), rows)


def _deed_table(names: Sequence[str], deeds: Sequence[Deed]) -> str:
    rows = [
        (f"{one.began_s:.1f}", f"{one.ended_s - one.began_s:.1f}", names[one.stack], one.kind, one.told or one.problem)
        for one in sorted(deeds, key=lambda deed: deed.began_s)
    ]
    return _table(("at s", "for s", "stack", "what", ""), rows, missed=[bool(one.problem) for one in deeds])


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, missed: Sequence[bool] = ()) -> str:
    marks = [*missed, *([False] * (len(rows) - len(missed)))]
    lines = [
        f"<tr{' class=missed' if mark else ''}>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row, mark in zip(rows, marks, strict=True)
    ]
    return "<table><tr>" + "".join(f"<th>{name}</th>" for name in head) + "</tr>" + "".join(lines) + "</table>"


def _wrong_plot(report: Report) -> go.Figure:
    plot, deeds = go.Figure(), report.deeds
    for name, one in zip(report.names, report.seen, strict=True):
        points = [(second, probe, why) for probe, found in one.wrong.items() for second, why in found.items()]
        plot.add_scatter(
            x=[point[0] for point in points], y=[f"{name} {point[1]}" for point in points], mode="markers", name=name,
            hovertext=[point[2][:200] for point in points],
        )  # fmt: skip
    plot.add_scatter(
        x=[deed.began_s for deed in deeds], y=[f"{report.names[deed.stack]} {deed.kind}" for deed in deeds],
        mode="markers", marker_symbol="triangle-right", name="done",
        hovertext=[deed.told or deed.problem for deed in deeds],
    )  # fmt: skip
    return plot.update_layout(xaxis_title="wall seconds of the course", height=560)


def _held_plot(samples: Sequence[Sample], place: int, name: str) -> go.Figure:
    totals: dict[str, dict[float, tuple[float, int]]] = defaultdict(lambda: defaultdict(lambda: (0.0, 0)))
    for one in samples:
        if one.stack == place:
            memory_mb, n_files = totals[one.group][one.at_s]
            totals[one.group][one.at_s] = (memory_mb + one.memory_mb, n_files + one.n_files)
    plot = go.Figure()
    for group, found in sorted(totals.items()):
        times_s = sorted(found)
        plot.add_scatter(
            x=times_s, y=[found[at_s][0] for at_s in times_s], name=group, mode="lines",
            hovertext=[f"{found[at_s][1]} files" for at_s in times_s],
        )  # fmt: skip
    return plot.update_layout(
        title=f"{name}: memory of its own, MB", xaxis_title="wall seconds of the course", height=480
    )


def _plot(plot: go.Figure, *, first: bool = False) -> str:
    # the page asks no other host: the first plot brings the library along
    return str(plot.to_html(full_html=False, include_plotlyjs=first))


def _percentiles(seen: Seen) -> dict[str, dict[str, float]]:
    found = {}
    for route, latencies_ms in sorted(seen.latencies_ms.items()):
        p50, p95, p99 = np.percentile(latencies_ms, [50, 95, 99])
        found[route] = {"n": len(latencies_ms), "p50": p50, "p95": p95, "p99": p99, "max": max(latencies_ms)}
    return found


def _plain(figure: Mapping[str, Any]) -> dict[str, Any]:
    # JSON knows no infinity
    return {name: None if isinstance(one, float) and not np.isfinite(one) else one for name, one in figure.items()}
