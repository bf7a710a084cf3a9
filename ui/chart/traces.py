"""How are candles, volume and indicators drawn? Each as Plotly traces over one list of times.

A trace that a reader reads off under the crosshair, and that goes into the CSV, carries ``meta``:
``label`` and ``column``. A marker's colours may be places in its ``palette``: the chart's script
puts the colours there.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

from candlecast.schemas import Candle, IndicatorSeries, NewsItem
from ui import words
from ui.chart.axes import stamp
from ui.chart.colours import ACCENT, DIM, DOWN, UP, VIOLET, WARN, tint

Trace = dict[str, Any]
Column = list[float | None]

_DIGITS = 8
_TITLE_LENGTH = 90
_NEWS_HEIGHT = 0.96


def candle_trace(candles: Sequence[Candle], times: list[str], *, heikin: bool) -> Trace:
    """Return candlesticks; with `heikin` the averaged ones, whose columns say so."""
    opens, highs, lows, closes = _heikin_ashi(candles) if heikin else _prices(candles)
    return {
        "type": "candlestick",
        "name": "",
        "x": times,
        "open": opens,
        "high": highs,
        "low": lows,
        "close": closes,
        "increasing": {"line": {"color": UP, "width": 1}, "fillcolor": UP},
        "decreasing": {"line": {"color": DOWN, "width": 1}, "fillcolor": DOWN},
        "hoverinfo": "none",
        "meta": {"label": "OHLC", "column": "heikin_ashi_" if heikin else ""},
    }


def volume_trace(candles: Sequence[Candle], times: list[str]) -> Trace:
    """Return the volume as bars in the colours of their candles."""
    return {
        "type": "bar",
        "name": "volume",
        "x": times,
        "y": [candle.volume for candle in candles],
        "yaxis": "y2",
        "marker": {
            "color": [int(candle.close >= candle.open) for candle in candles],
            "palette": [DOWN, UP],
            "line": {"width": 0},
            "opacity": 0.5,
        },
        "hoverinfo": "none",
        "meta": {"label": "Vol", "column": "volume"},
    }


def bollinger_traces(series: dict[str, Column], times: list[str]) -> list[Trace]:
    """Return the band around the mean, on the price pane."""
    edge = {"color": tint(ACCENT, 0.35), "width": 1}
    high = _line(series, times, "volatility_bbh", label="BB high", line=edge)
    low = _line(series, times, "volatility_bbl", label="BB low", line=edge)
    low |= {"fill": "tonexty", "fillcolor": tint(ACCENT, 0.07)}
    middle = _line(series, times, "volatility_bbm", label="BB mid", line={"color": tint(ACCENT, 0.8), "width": 1.2})
    return [high, low, middle]


def rsi_traces(series: dict[str, Column], times: list[str]) -> list[Trace]:
    """Return the RSI on its pane."""
    return [_line(series, times, "momentum_rsi", label="RSI", line={"color": VIOLET, "width": 1.3}, yaxis="y3")]


def macd_traces(series: dict[str, Column], times: list[str]) -> list[Trace]:
    """Return histogram, MACD and signal on their pane."""
    gaps = series["trend_macd_diff"]
    bars = {
        "type": "bar",
        "name": "MACD histogram",
        "x": times,
        "y": gaps,
        "yaxis": "y4",
        "marker": {
            "color": [int((gap or 0) >= 0) for gap in gaps],
            "palette": [DOWN, UP],
            "line": {"width": 0},
            "opacity": 0.6,
        },
        "hoverinfo": "none",
        "meta": {"label": "Hist", "column": "trend_macd_diff"},
    }
    slow = {"color": WARN, "width": 1.2}
    return [
        bars,
        _line(series, times, "trend_macd", label="MACD", line={"color": ACCENT, "width": 1.2}, yaxis="y4"),
        _line(series, times, "trend_macd_signal", label="Signal", line=slow, yaxis="y4"),
    ]


def news_trace(stories: Sequence[NewsItem], *, first: str, daily: bool) -> Trace:
    """Return one mark a story at the time at which it was known, coloured by its score; titles are text."""
    told = [(stamp(story.known_at)[: 10 if daily else None], story) for story in stories]
    shown = [(at, story) for at, story in told if at >= first]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "news",
        "x": [at for at, _ in shown],
        "y": [_NEWS_HEIGHT] * len(shown),
        "yaxis": "y5",
        "text": [_story_text(story) for _, story in shown],
        "marker": {"color": [_story_colour(story) for _, story in shown], "size": 8, "symbol": "diamond"},
        "hovertemplate": "%{text}<extra></extra>",
    }


def aligned(found: IndicatorSeries, candles: Sequence[Candle]) -> dict[str, Column]:
    """Return the columns at the open times of `candles`, in digits that a new candle does not change; else None."""
    places = {opened: place for place, opened in enumerate(found.open_times)}
    wanted = [places.get(candle.open_time) for candle in candles]
    return {
        name: [None if place is None else _short(values[place]) for place in wanted]
        for name, values in found.series.items()
    }


def _line(series: dict[str, Column], times: list[str], column: str, *, label: str, line: Trace, **more: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": label,
        "x": times,
        "y": series[column],
        "line": line,
        "hoverinfo": "none",
        "meta": {"label": label, "column": column},
    } | more


def _prices(candles: Sequence[Candle]) -> tuple[list[float], list[float], list[float], list[float]]:
    return (
        [candle.open for candle in candles],
        [candle.high for candle in candles],
        [candle.low for candle in candles],
        [candle.close for candle in candles],
    )


def _heikin_ashi(candles: Sequence[Candle]) -> tuple[list[float], list[float], list[float], list[float]]:
    closes = [(one.open + one.high + one.low + one.close) / 4 for one in candles]
    opens = [(candles[0].open + candles[0].close) / 2]
    for before in range(len(candles) - 1):
        opens.append(float(f"{(opens[before] + closes[before]) / 2:.{_DIGITS}g}"))
    bodies = list(zip(candles, opens, closes, strict=True))
    highs = [max(one.high, opened, closed) for one, opened, closed in bodies]
    lows = [min(one.low, opened, closed) for one, opened, closed in bodies]
    return opens, highs, lows, closes


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{_DIGITS}g}")


def _story_text(story: NewsItem) -> str:
    title = story.title if len(story.title) <= _TITLE_LENGTH else story.title[:_TITLE_LENGTH] + "…"
    judged = story.sentiment.score if story.sentiment else None
    score = "not scored" if judged is None else words.signed(judged)
    return f"{score} · {escape(story.source)}<br>{escape(title)}"


def _story_colour(story: NewsItem) -> str:
    label = story.sentiment.label if story.sentiment else None
    return {"positive": UP, "negative": DOWN}.get(label or "", DIM)
