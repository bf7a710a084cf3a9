"""Where does each part of the chart lie? Axes, panes, closed sessions and the lane of the forecast."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from candlecast.schemas import Candle, CandlePage, Forecast

Axis = dict[str, Any]

VISIBLE_CANDLES = 120
LANE_START = 0.86
GRID = "rgba(255,255,255,.06)"


def position(candle: Candle, *, daily: bool) -> str:
    """Return where a candle stands on the time axis: its day, or its open time in UTC."""
    return f"{candle.open_time:%Y-%m-%d}" if daily else _stamp(candle.open_time)


def time_axis(page: CandlePage, *, lane: bool, daily: bool) -> Axis:
    """Return the axis of the candles, at first over the newest `VISIBLE_CANDLES`."""
    shown = page.candles[-VISIBLE_CANDLES:]
    end = position(shown[-1], daily=True) + " 12:00:00" if daily else _stamp(shown[-1].close_time)
    return {
        "type": "date",
        "domain": [0, LANE_START if lane else 1],
        "range": [position(shown[0], daily=daily), end],
        "rangeslider": {"visible": False},
        "gridcolor": GRID,
        "anchor": "y2",
    }


def lane_axis(forecast: Forecast, *, daily: bool) -> Axis:
    """Return the forecast's own axis, from now (0) to the target time (1)."""
    target = f"{forecast.target_time:%b} {forecast.target_time.day}" if daily else f"{forecast.target_time:%H:%M}"
    return {
        "domain": [LANE_START, 1],
        "range": [0, 1.04],
        "tickvals": [1],
        "ticktext": [target],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "anchor": "y2",
    }


def price_axis(page: CandlePage, forecast: Forecast | None) -> Axis:
    """Return the price axis, at first just wide enough for the shown candles and the fan."""
    return {
        "domain": [0.2, 1],
        "range": _price_range(page.candles[-VISIBLE_CANDLES:], forecast),
        "side": "right",
        "anchor": "x" if forecast is None else "x2",
        "gridcolor": GRID,
        "tickformat": ",.6~g",
    }


def volume_axis() -> Axis:
    """Return the axis of the volume pane, below the price."""
    return {"domain": [0, 0.15], "showticklabels": False, "showgrid": False, "fixedrange": True}


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
            {"bounds": [_stamp(before.close_time), _stamp(after.open_time)]}
            for before, after in pairwise(candles)
            if after.open_time > before.close_time
        ]
    held = {candle.open_time.date() for candle in candles}
    first, last = min(held), max(held)
    days = (first + timedelta(days=step) for step in range((last - first).days))
    closed = [day.isoformat() for day in days if day.weekday() < 5 and day not in held]
    weekend: dict[str, Any] = {"bounds": ["sat", "mon"]}
    return [weekend, {"values": closed}] if closed else [weekend]


def _stamp(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}"


def _price_range(candles: list[Candle], forecast: Forecast | None) -> list[float]:
    lows = [candle.low for candle in candles]
    highs = [candle.high for candle in candles]
    if forecast is not None:
        lows += [interval.low for interval in forecast.intervals]
        highs += [interval.high for interval in forecast.intervals]
    margin = 0.04 * (max(highs) - min(lows)) or 0.01 * max(highs)
    return [min(lows) - margin, max(highs) + margin]
