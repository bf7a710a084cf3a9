"""Where does each part of the chart lie? Axes, closed sessions and the lane of the forecast."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from candlecast.schemas import Candle, Forecast
from ui.chart.panes import Domain

Axis = dict[str, Any]

VISIBLE_CANDLES = 120
LANE_START = 0.86


def position(candle: Candle, *, daily: bool) -> str:
    """Return where a candle stands on the time axis: its day, or its open time in UTC."""
    return f"{candle.open_time:%Y-%m-%d}" if daily else stamp(candle.open_time)


def stamp(when: datetime) -> str:
    """Return a time as figures carry it, which the chart's script moves to the reader's zone."""
    return f"{when:%Y-%m-%d %H:%M:%S}"


def time_axis(shown: list[Candle], *, lane: bool, daily: bool, anchor: str) -> Axis:
    """Return the axis of the candles, at first over the `shown` ones; `anchor` is the lowest pane's axis."""
    end = position(shown[-1], daily=True) + " 12:00:00" if daily else stamp(shown[-1].close_time)
    return {
        "type": "date",
        "domain": [0, LANE_START if lane else 1],
        "range": [position(shown[0], daily=daily), end],
        "rangeslider": {"visible": False},
        "anchor": anchor,
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "hovered data",
        "nticks": 8,
    }


def lane_axis(forecast: Forecast, *, daily: bool, anchor: str) -> Axis:
    """Return the forecast's own axis, from now (0) to the target time (1)."""
    day = f"{forecast.target_time:%b} {forecast.target_time.day}"
    return {
        "domain": [LANE_START, 1],
        "range": [0, 1.04],
        "tickvals": [1],
        "ticktext": [day if daily else f"hm({stamp(forecast.target_time)})"],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "anchor": anchor,
    }


def price_axis(domain: Domain, *, anchor: str, log: bool) -> Axis:
    """Return the price axis, right of the axis `anchor`; the chart's script makes it as high as what is on show."""
    return {
        "domain": domain,
        "type": "log" if log else "linear",
        "side": "right",
        "anchor": anchor,
        "tickformat": ",.6~g",
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "cursor",
        "nticks": 8,
    }


def pane_axis(domain: Domain, *, anchor: str, ticks: list[float] | None, span: list[float] | None = None) -> Axis:
    """Return the axis of a lower pane, right of the axis `anchor`; no `span`: as high as what is on show."""
    axis: Axis = {"domain": domain, "side": "right", "anchor": anchor, "fixedrange": True, "zeroline": False}
    axis["tickfont"] = {"size": 10}
    if span is not None:
        axis["range"] = span
    return axis | ({"tickvals": ticks} if ticks is not None else {"showticklabels": False, "showgrid": False})


def pane_title(text: str, domain: Domain) -> dict[str, Any]:
    """Return the name of a lower pane, in the gap above it."""
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": domain[1], "xanchor": "left", "yanchor": "bottom"}
    return place | {"text": text, "showarrow": False, "font": {"size": 10}, "borderpad": 0}


def range_breaks(candles: list[Candle], *, daily: bool) -> list[dict[str, Any]]:
    """Return Plotly range breaks for the times between sessions, read from the candles themselves.

    Parameters
    ----------
    candles : list of Candle
        Ascending.
    daily : bool
        Daily candles: weekends and missing weekdays. Else every gap from close to next open.
    """
    if not daily:
        return [
            {"bounds": [stamp(before.close_time), stamp(after.open_time)]}
            for before, after in pairwise(candles)
            if after.open_time > before.close_time
        ]
    held = {candle.open_time.date() for candle in candles}
    first, last = min(held), max(held)
    days = (first + timedelta(days=step) for step in range((last - first).days))
    closed = [day.isoformat() for day in days if day.weekday() < 5 and day not in held]
    weekend: dict[str, Any] = {"bounds": ["sat", "mon"]}
    return [weekend, {"values": closed}] if closed else [weekend]
