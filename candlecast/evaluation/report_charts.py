"""How does a report look? Its curves as Plotly figures: plain dicts, drawn by the reader's browser."""

from collections.abc import Mapping
from typing import Any

Figure = dict[str, Any]
Report = Mapping[str, Any]

N_FEATURES = 20
_BLUE, _TEAL, _AMBER, _GREY, _RED = "#5b8def", "#2fa59b", "#d9912b", "#8a93a8", "#d4576b"
_LEVEL_COLOURS = {50: _GREY, 80: _BLUE, 90: _TEAL, 95: _AMBER}
_LAYOUT: Figure = {
    "margin": {"l": 56, "r": 16, "t": 8, "b": 44},
    "height": 360,
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "font": {"family": "system-ui, sans-serif", "size": 12, "color": "#7f8aa3"},
    "legend": {"orientation": "h", "y": -0.22},
    "xaxis": {"gridcolor": "rgba(127,138,163,.25)", "zeroline": False},
    "yaxis": {"gridcolor": "rgba(127,138,163,.25)", "zeroline": False},
}


def charts(report: Report) -> dict[str, Figure]:
    """Return every chart of one horizon that has data, by its title.

    Parameters
    ----------
    report : mapping
        From `full_report`.

    Returns
    -------
    dict of str to dict
        ``data`` and ``layout`` of Plotly.
    """
    drawn = {
        "Reliability: what was promised, what happened": _reliability(report),
        "Coverage of the intervals by month": _coverage(report),
        f"Equity of one unit, {report['cost_bps']:g} bps a side": _equity(report),
        "Accuracy by fold, with its 95 % interval": _folds(report),
        "Importance: share of the fit's gain": _importance(report, kind="gain", unit="share"),
        "Importance: log loss lost without the feature": _importance(report, kind="permutation", unit="nats"),
    }
    return {title: figure for title, figure in drawn.items() if figure["data"]}


def figure(data: list[Figure], *, x: str, y: str) -> Figure:
    """Return a figure of lines or bars in the look of all pages; `x` and `y` name its axes."""
    axes = {"xaxis": {**_LAYOUT["xaxis"], "title": {"text": x}}, "yaxis": {**_LAYOUT["yaxis"], "title": {"text": y}}}
    return {"data": data, "layout": {**_LAYOUT, **axes}}


def _reliability(report: Report) -> Figure:
    rows = report["reliability"]
    ends = [min(row["promised"] for row in rows), max(row["promised"] for row in rows)] if rows else []
    happened = {
        "x": [row["promised"] for row in rows],
        "y": [row["happened"] for row in rows],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [row["high"] - row["happened"] for row in rows],
            "arrayminus": [row["happened"] - row["low"] for row in rows],
            "color": _BLUE,
        },
        "mode": "markers",
        "name": "tenths of the forecasts",
        "marker": {"color": _BLUE, "size": 8},
    }
    ideal = {"x": ends, "y": ends, "mode": "lines", "name": "ideal", "line": {"color": _GREY, "dash": "dot"}}
    return figure([ideal, happened] if rows else [], x="P(up) promised", y="share of ups")


def _coverage(report: Report) -> Figure:
    rows = report["coverage_by_month"]
    data: list[Figure] = []
    for percent, colour in _LEVEL_COLOURS.items():
        months = [row["month"] for row in rows]
        shares = [row[f"coverage_{percent}"] for row in rows]
        data.append(
            {"x": months, "y": shares, "mode": "lines+markers", "name": f"{percent} %", "line": {"color": colour}}
        )
        level = {"x": months[:1] + months[-1:], "y": [percent / 100] * len(months[:1] + months[-1:])}
        data.append(
            level | {"mode": "lines", "showlegend": False, "line": {"color": colour, "dash": "dot", "width": 1}}
        )
    return figure(data if rows else [], x="", y="share of closes inside")


def _equity(report: Report) -> Figure:
    data = []
    for (way, rows), colour in zip(report["equity"].items(), (_BLUE, _TEAL, _GREY), strict=True):
        days = [row["day"] for row in rows]
        for name, dash in (("gross", "dot"), ("net", "solid")):
            line = {"color": colour, "dash": dash}
            label = f"{way}, {'before' if name == 'gross' else 'after'} costs"
            data.append({"x": days, "y": [row[f"{name}_pct"] for row in rows], "name": label, "line": line})
    return figure(data, x="", y="% of a fixed stake")


def _folds(report: Report) -> Figure:
    rows = report["folds"]
    starts = [str(row["test_start"])[:10] for row in rows]
    accuracy = {
        "x": starts,
        "y": [row["accuracy"] for row in rows],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [row["accuracy_high"] - row["accuracy"] for row in rows],
            "arrayminus": [row["accuracy"] - row["accuracy_low"] for row in rows],
        },
        "mode": "markers",
        "name": "accuracy",
        "marker": {"color": _BLUE, "size": 9},
    }
    majority = {
        "x": starts,
        "y": [row["majority_share"] for row in rows],
        "mode": "markers",
        "name": "majority share",
        "marker": {"color": _RED, "symbol": "line-ew-open", "size": 14},
    }
    return figure([accuracy, majority] if rows else [], x="first day of the test part", y="share")


def _importance(report: Report, *, kind: str, unit: str) -> Figure:
    weights = report["importance"].get(kind, {})
    top = sorted(weights.items(), key=lambda item: -(item[1] or 0.0))[:N_FEATURES][::-1]
    bar = {"y": [name for name, _ in top], "x": [value for _, value in top], "type": "bar", "orientation": "h"}
    drawn = figure([bar | {"marker": {"color": _BLUE}}] if top else [], x=unit, y="")
    drawn["layout"] |= {"height": 480, "margin": {**_LAYOUT["margin"], "l": 170}}
    return drawn
