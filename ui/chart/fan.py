"""How is a forecast drawn? As a fan in a lane of its own, right of now, with its own time axis."""

import math
from typing import Any

from candlecast.schemas import Forecast, Interval
from ui import words
from ui.chart.axes import LANE_START
from ui.chart.colours import ACCENT, INK, SOLID, tint

_STEPS = 12
_LANE: dict[str, Any] = {"xaxis": "x2", "yaxis": "y", "showlegend": False}
_SHADES = {0.5: 0.30, 0.8: 0.20, 0.9: 0.13, 0.95: 0.09}


def fan_traces(forecast: Forecast) -> list[dict[str, Any]]:
    """Return the nested bands, the widest first, the expected way and the ends of the intervals."""
    bands = sorted(forecast.intervals, key=lambda interval: interval.level, reverse=True)
    expected = forecast.last_close * math.exp(forecast.expected_log_return)
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": [0, 1],
        "y": [forecast.last_close, expected],
        "line": {"color": INK, "width": 1.5, "dash": "dot"},
    }
    edges = {
        "type": "scatter",
        "mode": "markers",
        "x": [1] * (2 * len(bands)),
        "y": [bound for band in bands for bound in (band.low, band.high)],
        "text": [f"{band.level:.0%} {end}" for band in bands for end in ("low", "high")],
        "marker": {"color": ACCENT, "size": 5, "opacity": 0.75},
    }
    drawn = [_band_trace(band, forecast.last_close) for band in bands]
    hover = {"hovertemplate": "%{text} %{y:,.6~g}<extra></extra>"}
    return [*drawn, line | {"text": ["last close", "expected"]} | hover | _LANE, edges | hover | _LANE]


def fan_shapes(forecast: Forecast) -> list[dict[str, Any]]:
    """Return the line of now, the line of the horizon, and the level of the last close."""
    upright = {"type": "line", "xref": "paper", "yref": "paper", "y0": 0, "y1": 1}
    now = {"x0": LANE_START, "x1": LANE_START, "line": _stroke(INK, 0.3)}
    horizon = upright | {"xref": "x2", "x0": 1, "x1": 1, "line": _stroke(ACCENT, 0.45)}
    level = {"type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1}
    close = {"y0": forecast.last_close, "y1": forecast.last_close, "line": _stroke(ACCENT, 0.45)}
    return [upright | now, horizon, level | close]


def fan_labels(forecast: Forecast, *, log: bool) -> list[dict[str, Any]]:
    """Return the words at now, at the horizon and at the last close."""
    plain = {"showarrow": False, "xref": "paper", "xanchor": "left"}
    now = {"text": "now", "x": LANE_START, "y": 1, "yref": "paper", "yanchor": "bottom", "xanchor": "right"}
    ahead = f"+{forecast.horizon} × {forecast.timeframe}" if forecast.horizon > 1 else f"+{forecast.timeframe}"
    end = {"text": ahead, "x": 1, "xref": "x2", "xanchor": "right", "y": 1, "yref": "paper", "yanchor": "bottom"}
    # an annotation on a logarithmic axis stands at the logarithm, unlike a shape
    height = math.log10(forecast.last_close) if log else forecast.last_close
    tag = {"text": words.price(forecast.last_close), "x": 1, "y": height, "yref": "y"}
    paint = {"bgcolor": SOLID, "bordercolor": tint(ACCENT, 0.6), "borderpad": 3, "font": {"color": INK, "size": 11}}
    return [plain | now, plain | end, plain | tag | paint]


def _rounded(value: float) -> float:
    return float(f"{value:.7g}")


def _stroke(token: str, opacity: float) -> dict[str, Any]:
    return {"color": tint(token, opacity), "width": 1, "dash": "dot"}


def _band_trace(band: Interval, last_close: float) -> dict[str, Any]:
    shares = [step / _STEPS for step in range(_STEPS + 1)]
    upper = [_rounded(last_close + (band.high - last_close) * math.sqrt(share)) for share in shares]
    lower = [_rounded(last_close + (band.low - last_close) * math.sqrt(share)) for share in shares]
    return {
        "type": "scatter",
        "name": f"{band.level:.0%} interval",
        "mode": "lines",
        "x": shares + shares[::-1],
        "y": upper + lower[::-1],
        "fill": "toself",
        "fillcolor": tint(ACCENT, _SHADES.get(round(band.level, 2), 0.10)),
        "line": {"width": 0},
        "hoverinfo": "skip",
    } | _LANE
