"""What does the chart show? Candles, volume and the forecast fan as one Plotly figure, a plain dict."""

import math
from typing import Any

from candlecast.schemas import Candle, CandlePage, Forecast, Interval
from ui import axes, words

Figure = dict[str, Any]

UP, DOWN, ACCENT, INK, DIM = "#35c28f", "#ef6a78", "#7aa2ff", "#e8ecf8", "#9aa6c4"
_FAN_STEPS = 12
_LANE: Figure = {"xaxis": "x2", "yaxis": "y", "showlegend": False}
_FAN_SHADES = {0.5: 0.30, 0.8: 0.20, 0.9: 0.13, 0.95: 0.09}


def build_figure(page: CandlePage, forecast: Forecast | None, *, asset_class: str) -> Figure:
    """Return the figure of one series.

    The forecast has a lane of its own right of "now", with its own time axis from now to the
    target time, so that one candle's horizon stays readable beside a hundred candles. Only the
    lane's right edge is a forecast; towards "now" the bands narrow with the square root of time.

    Parameters
    ----------
    page : CandlePage
        At least one closed candle, ascending.
    forecast : Forecast or None
        None hides the lane.
    asset_class : str
        ``stock`` leaves out the hours and days without a session.

    Returns
    -------
    dict
        ``data`` and ``layout`` of Plotly, ready for JSON. The user's zoom survives new candles of
        the same series (``uirevision``).
    """
    daily = page.timeframe == "1d"
    data = [_candle_trace(page.candles, daily=daily), _volume_trace(page.candles, daily=daily)]
    layout = _layout(page, forecast, daily=daily)
    if asset_class == "stock":
        layout["xaxis"]["rangebreaks"] = axes.range_breaks(page.candles, daily=daily)
    if forecast is not None:
        data += _fan_traces(forecast)
        layout["xaxis2"] = axes.lane_axis(forecast, daily=daily)
        layout["shapes"] = _now_shapes(forecast)
        layout["annotations"] = _labels(forecast)
    return {"data": data, "layout": layout}


def _candle_trace(candles: list[Candle], *, daily: bool) -> dict[str, Any]:
    return {
        "type": "candlestick",
        "name": "",
        "x": [axes.position(candle, daily=daily) for candle in candles],
        "open": [candle.open for candle in candles],
        "high": [candle.high for candle in candles],
        "low": [candle.low for candle in candles],
        "close": [candle.close for candle in candles],
        "increasing": {"line": {"color": UP, "width": 1}, "fillcolor": UP},
        "decreasing": {"line": {"color": DOWN, "width": 1}, "fillcolor": DOWN},
    }


def _volume_trace(candles: list[Candle], *, daily: bool) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": "volume",
        "x": [axes.position(candle, daily=daily) for candle in candles],
        "y": [candle.volume for candle in candles],
        "yaxis": "y2",
        "marker": {"color": [UP if candle.close >= candle.open else DOWN for candle in candles], "opacity": 0.45},
        "hovertemplate": "volume %{y:,.4~g}<extra></extra>",
    }


def _fan_traces(forecast: Forecast) -> list[dict[str, Any]]:
    bands = sorted(forecast.intervals, key=lambda interval: interval.level, reverse=True)
    expected = forecast.last_close * math.exp(forecast.expected_log_return)
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": [0, 1],
        "y": [forecast.last_close, expected],
        "line": {"color": "#cfe0ff", "width": 1.5, "dash": "dot"},
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


def _band_trace(band: Interval, last_close: float) -> dict[str, Any]:
    shares = [step / _FAN_STEPS for step in range(_FAN_STEPS + 1)]
    upper = [last_close + (band.high - last_close) * math.sqrt(share) for share in shares]
    lower = [last_close + (band.low - last_close) * math.sqrt(share) for share in shares]
    shade = _FAN_SHADES.get(round(band.level, 2), 0.10)
    return {
        "type": "scatter",
        "name": f"{band.level:.0%} interval",
        "mode": "lines",
        "x": shares + shares[::-1],
        "y": upper + lower[::-1],
        "fill": "toself",
        "fillcolor": f"rgba(122,162,255,{shade})",
        "line": {"width": 0},
        "hoverinfo": "skip",
    } | _LANE


def _layout(page: CandlePage, forecast: Forecast | None, *, daily: bool) -> dict[str, Any]:
    return {
        "uirevision": f"{page.symbol}|{page.timeframe}",
        "dragmode": "pan",
        "hovermode": "x",
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": DIM, "size": 11, "family": "Inter, system-ui, sans-serif"},
        "hoverlabel": {"bgcolor": "#161d33", "bordercolor": "rgba(255,255,255,.18)", "font": {"color": INK}},
        "margin": {"l": 6, "r": 58, "t": 10, "b": 28},
        "xaxis": axes.time_axis(page, lane=forecast is not None, daily=daily),
        "yaxis": axes.price_axis(page, forecast),
        "yaxis2": axes.volume_axis(),
    }


def _now_shapes(forecast: Forecast) -> list[dict[str, Any]]:
    dotted = {"type": "line", "xref": "paper"}
    faint = {"color": "rgba(255,255,255,.25)", "width": 1, "dash": "dot"}
    level = {"y0": forecast.last_close, "y1": forecast.last_close, "yref": "y"}
    return [
        dotted | {"x0": axes.LANE_START, "x1": axes.LANE_START, "y0": 0, "y1": 1, "yref": "paper", "line": faint},
        dotted | {"x0": 0, "x1": 1, "line": faint | {"color": "rgba(122,162,255,.45)"}} | level,
    ]


def _labels(forecast: Forecast) -> list[dict[str, Any]]:
    plain = {"showarrow": False, "xref": "paper", "xanchor": "left"}
    now = {"text": "now", "x": axes.LANE_START, "y": 1, "yref": "paper", "yanchor": "top"}
    tag = {"text": words.price(forecast.last_close), "x": 1, "y": forecast.last_close, "yref": "y"}
    return [plain | now, plain | tag | {"bgcolor": "#2b3a6b", "borderpad": 3, "font": {"color": INK, "size": 11}}]
