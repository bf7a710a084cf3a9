"""How do the figures look as charts? Reliability, score and coverage over time, as plain Plotly figures."""

from typing import Any

from candlecast.schemas import ReliabilityBin, TrackRecord
from ui.chart.colours import ACCENT, DIM, SOLID, UP, VIOLET, tint
from ui.record.judge import COIN_BRIER
from ui.record.timeline import Timeline

Figure = dict[str, Any]

_LEFT = {"l": 44, "r": 14, "t": 10, "b": 36}


def reliability_figure(record: TrackRecord, *, key: str) -> Figure | None:
    """Return what was promised against what happened, a point a tenth of P(up) with its interval; None without any."""
    bins = [each for each in record.reliability if each.n]
    if not bins:
        return None
    return {"data": [_diagonal(), _tenths(bins)], "layout": _reliability_layout(key)}


def score_figure(line: Timeline, *, key: str) -> Figure | None:
    """Return the Brier score over time with its moving average and the line of always saying 50 %."""
    if not line.when:
        return None
    layout = _time_layout(key, title="Brier score", range_=None)
    layout["shapes"] = [_level(COIN_BRIER)]
    layout["annotations"] = [_label("always 50 %", COIN_BRIER)]
    dots = _dots(line, name="score", form=".4f")
    return {"data": [dots, _average(line, name=f"mean of {line.span}", form=".4f")], "layout": layout}


def coverage_figure(line_80: Timeline, line_95: Timeline, *, key: str) -> Figure | None:
    """Return the share of closes inside the 80 % and 95 % intervals over time, with the lines of what is promised."""
    if not line_80.when:
        return None
    layout = _time_layout(key, title="Share inside", range_=[0.4, 1.02])
    layout["yaxis"]["tickformat"] = ".0%"
    layout["shapes"] = [_level(0.8), _level(0.95)]
    layout["annotations"] = [_label("80 %", 0.8), _label("95 %", 0.95)]
    lines = [_average(line_80, name=f"80 %, mean of {line_80.span}", form=".1%")]
    lines.append(_average(line_95, name=f"95 %, mean of {line_95.span}", form=".1%") | {"line": _stroke(VIOLET)})
    return {"data": lines, "layout": layout}


def _diagonal() -> dict[str, Any]:
    ends = [0, 1]
    return {"type": "scatter", "mode": "lines", "x": ends, "y": ends, "line": _stroke(DIM, "dot"), "hoverinfo": "skip"}


def _tenths(bins: list[ReliabilityBin]) -> dict[str, Any]:
    most = max(each.n for each in bins)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "tenths of P(up)",
        "x": [each.promised for each in bins],
        "y": [each.happened for each in bins],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [each.happened_high - each.happened for each in bins],
            "arrayminus": [each.happened - each.happened_low for each in bins],
            "color": tint(ACCENT, 0.6),
            "thickness": 1.2,
            "width": 4,
        },
        "customdata": [[each.n, each.happened_low, each.happened_high] for each in bins],
        "hovertemplate": "promised %{x:.1%}, happened %{y:.1%} [%{customdata[1]:.1%} – %{customdata[2]:.1%}]"
        "<br>%{customdata[0]} forecasts<extra></extra>",
        "marker": {"color": ACCENT, "size": [6 + 10 * each.n / most for each in bins]},
    }


def _reliability_layout(key: str) -> dict[str, Any]:
    share = {"range": [-0.02, 1.02], "tickformat": ".0%", "dtick": 0.25, "zeroline": False}
    return {
        "uirevision": key,
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "margin": _LEFT,
        "xaxis": share | {"title": {"text": "promised P(up)"}, "fixedrange": True},
        "yaxis": share | {"title": {"text": "happened"}, "fixedrange": True},
    }


def _time_layout(key: str, *, title: str, range_: list[float] | None) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": {"text": title}, "zeroline": False, "fixedrange": True, "nticks": 6}
    return {
        "uirevision": key,
        "showlegend": False,
        "dragmode": "pan",
        "hovermode": "x unified",
        "margin": _LEFT,
        "xaxis": {"type": "date", "nticks": 6},
        "yaxis": axis | ({} if range_ is None else {"range": range_}),
    }


def _dots(line: Timeline, *, name: str, form: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": list(line.when),
        "y": list(line.values),
        "marker": {"color": tint(DIM, 0.55), "size": 4},
        "hovertemplate": f"%{{y:{form}}}",
    }


def _average(line: Timeline, *, name: str, form: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(line.when) < 3 else "lines",
        "name": name,
        "x": list(line.when),
        "y": list(line.averages),
        "line": _stroke(ACCENT),
        "hovertemplate": f"%{{y:{form}}}",
    }


def _level(value: float) -> dict[str, Any]:
    ends = {"x0": 0, "x1": 1, "xref": "paper", "y0": value, "y1": value}
    return ends | {"type": "line", "line": _stroke(tint(UP, 0.7), "dash")}


def _label(text: str, value: float) -> dict[str, Any]:
    place = {"x": 0.01, "xref": "paper", "xanchor": "left", "y": value, "yanchor": "bottom"}
    return place | {"text": text, "showarrow": False, "font": {"color": UP, "size": 11}, "bgcolor": tint(SOLID, 0.7)}


def _stroke(colour: str, dash: str = "solid") -> dict[str, Any]:
    return {"color": colour, "width": 1.6, "dash": dash}
