"""The figures of `growth.py` for readers: a table with slopes, and a plot as SVG."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
Figures = dict[tuple[int, int], float]

PLOTTED = (
    "latest 500 candles",
    "forecasts of a close",
    "candles of a close",
    "newest candle of all symbols",
    "newest candle, a symbol silent",
    "open times of a whole series",
    "census of everything",
)
_COLOURS = ("#5b8def", "#2fa59b", "#d9912b", "#8a93a8", "#d4576b", "#8f6bd9", "#7a8c2e")
_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 860, 420, 64, 250, 16, 44


def write_page(page: Path, rows: Sequence[Row], *, commit: str, machine: Mapping[str, Any]) -> None:
    """Write the table between the marks of `page`, and the plot beside it."""
    figures = _by_metric(rows)
    sizes = sorted({size for found in figures.values() for size in found})
    said = f"Commit {commit or 'unknown'}, {machine['cpus']} CPUs, Python {machine['python']}; milliseconds."
    text = page.read_text()
    before, after = text.split(_BEGIN)[0], text.split(_END)[1]
    page.write_text(f"{before}{_BEGIN}\n{said}\n\n{_table(figures, sizes)}\n{_END}{after}")
    plot = page.parent / "images" / "growth.svg"
    plot.write_text(_plot({name: figures[name] for name in PLOTTED}, n_symbols=_fixed(sizes)))


def slope(figures: Figures, *, along: int) -> float | None:
    """Return the exponent of growth along symbols (0) or candles (1), the other fixed where most is known."""
    groups: dict[int, list[tuple[int, float]]] = {}
    for size, seconds in figures.items():
        groups.setdefault(size[1 - along], []).append((size[along], seconds))
    points = sorted(max(groups.values(), key=len))
    if len(points) < 2:
        return None
    (first, first_s), (last, last_s) = points[0], points[-1]
    return math.log(last_s / first_s) / math.log(last / first)


def _by_metric(rows: Sequence[Row]) -> dict[str, Figures]:
    figures: dict[str, Figures] = {}
    for row in rows:
        figures.setdefault(row["metric"], {})[row["symbols"], row["candles"]] = row["ours"]
    return figures


def _table(figures: Mapping[str, Figures], sizes: Sequence[tuple[int, int]]) -> str:
    head = ["", *(f"{symbols:,} × {_millions(candles)}" for symbols, candles in sizes), "by symbols", "by candles"]
    lines = [head, ["---"] * len(head)]
    for name, found in figures.items():
        slopes = (_written(slope(found, along=along)) for along in (0, 1))
        lines.append([name, *(_shown(found[size] * 1_000) for size in sizes), *slopes])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _fixed(sizes: Sequence[tuple[int, int]]) -> int:
    counts = [symbols for symbols, _ in sizes]
    return max(set(counts), key=lambda symbols: (counts.count(symbols), symbols))


def _plot(figures: Mapping[str, Figures], *, n_symbols: int) -> str:
    lines = {name: _in_ms(found, n_symbols=n_symbols) for name, found in figures.items()}
    points = [point for line in lines.values() for point in line]
    x_ends, y_ends = (_decades([point[axis] for point in points]) for axis in (0, 1))

    def x(candles: float) -> float:
        return _LEFT + (math.log10(candles) - x_ends[0]) / (x_ends[1] - x_ends[0]) * (_WIDTH - _LEFT - _RIGHT)

    def y(ms: float) -> float:
        return _HEIGHT - _BOTTOM - (math.log10(ms) - y_ends[0]) / (y_ends[1] - y_ends[0]) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#0f1524"/>']
    for power in range(x_ends[0], x_ends[1] + 1):
        parts.append(_line((x(10**power), _TOP), (x(10**power), _HEIGHT - _BOTTOM), "#2a3350"))
        parts.append(_text(x(10**power), _HEIGHT - 24, _millions(10**power), anchor="middle"))
    for power in range(y_ends[0], y_ends[1] + 1):
        parts.append(_line((_LEFT, y(10**power)), (_WIDTH - _RIGHT, y(10**power)), "#2a3350"))
        parts.append(_text(_LEFT - 8, y(10**power) + 4, f"{10.0**power:g} ms", anchor="end"))
    heights = _apart({name: y(line[-1][1]) for name, line in lines.items()})
    for (name, line), colour in zip(lines.items(), _COLOURS, strict=True):
        parts += [_line((x(a[0]), y(a[1])), (x(b[0]), y(b[1])), colour, width=2) for a, b in pairwise(line)]
        parts += [f'<circle cx="{x(at):.1f}" cy="{y(ms):.1f}" r="3.5" fill="{colour}"/>' for at, ms in line]
        parts.append(_text(_WIDTH - _RIGHT + 12, heights[name] + 4, name, colour=colour))
    parts.append(_text(_LEFT, _HEIGHT - 6, f"candles stored, {n_symbols:,} symbols; both axes logarithmic"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="system-ui, sans-serif" font-size="12">\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _in_ms(figures: Figures, *, n_symbols: int) -> list[tuple[int, float]]:
    return sorted((candles, 1_000 * seconds) for (symbols, candles), seconds in figures.items() if symbols == n_symbols)


def _apart(heights: Mapping[str, float], *, least: float = 16.0) -> dict[str, float]:
    # names at the ends of lines, none over another
    placed: dict[str, float] = {}
    last = -math.inf
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        last = placed[name] = max(height, last + least)
    return placed


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _line(begin: tuple[float, float], end: tuple[float, float], colour: str, *, width: int = 1) -> str:
    (x1, y1), (x2, y2) = begin, end
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = "#a9b4cf") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'


def _millions(n_candles: int) -> str:
    return f"{n_candles / 1_000_000:g} M"


def _shown(ms: float) -> str:
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.3g}"


def _written(exponent: float | None) -> str:
    return "" if exponent is None else f"{exponent:.2f}"
