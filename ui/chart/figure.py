"""What does the chart show? Candles, panes, news and the forecast fan as one Plotly figure, a plain dict."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from candlecast.schemas import Candle, CandlePage, Forecast, IndicatorSeries, NewsItem
from ui.chart import axes, fan, traces
from ui.chart.panes import CANDLES_AND_VOLUME, TITLES, Panes, domains

Figure = dict[str, Any]
Bounds = tuple[datetime, datetime]

_LOWEST = {"macd": "y4", "rsi": "y3", "volume": "y2", "price": "y"}


def build_figure(
    page: CandlePage,
    forecast: Forecast | None,
    *,
    asset_class: str,
    panes: Panes = CANDLES_AND_VOLUME,
    indicators: IndicatorSeries | None = None,
    stories: Sequence[NewsItem] = (),
) -> Figure:
    """Return the figure of one series.

    The forecast has a lane of its own right of "now", with its own time axis from now to the
    target time, so that one candle's horizon stays readable beside a hundred candles. Only the
    lane's right edge is a forecast; towards "now" the bands narrow with the square root of time.

    Parameters
    ----------
    page : CandlePage
        At least one candle, ascending; the running one, if given, is drawn behind them.
    forecast : Forecast or None
        None hides the lane.
    asset_class : str
        ``stock`` leaves out the hours and days without a session.
    panes : Panes
        What is switched on.
    indicators : IndicatorSeries or None
        Columns of the groups in ``panes.groups``; None: those panes stay empty.
    stories : sequence of NewsItem
        Marks of the news.

    Returns
    -------
    dict
        ``data`` and ``layout`` of Plotly, ready for JSON, with colours and times as the chart's
        script resolves them. The user's zoom survives new candles of the same series (``uirevision``).
    """
    candles = [*page.candles, *([page.partial] if page.partial else [])]
    daily = page.timeframe == "1d"
    times = [axes.position(candle, daily=daily) for candle in candles]
    data = [traces.candle_trace(candles, times, heikin=panes.heikin)]
    data += _pane_traces(panes, candles, times, indicators)
    if panes.news:
        data.append(traces.news_trace(stories, first=times[0], daily=daily))
    layout = _layout(page, forecast, panes=panes, shown=candles[-axes.VISIBLE_CANDLES :])
    if asset_class == "stock":
        layout["xaxis"]["rangebreaks"] = axes.range_breaks(candles, daily=daily)
    if forecast is not None:
        data += fan.fan_traces(forecast)
        layout["xaxis2"] = axes.lane_axis(forecast, daily=daily, anchor=_lowest(panes))
        layout["shapes"] += fan.fan_shapes(forecast)
        layout["annotations"] += fan.fan_labels(forecast, log=panes.log)
    return {"data": data, "layout": layout}


def opened_at(figure: Figure, page: CandlePage, *, bounds: Bounds | None, preset: str) -> Figure:
    """Return the figure for a page whose address holds the range: the script writes a zoom there.

    Parameters
    ----------
    figure : dict
        From `build_figure`, of the same `page`.
    bounds : (datetime, datetime) or None
        Times on show at first; None: as they are.
    preset : str
        Names the `bounds`: under another name a zoom is given up; "" keeps it.
    """
    layout = figure["layout"] | {"meta": figure["layout"]["meta"] | {"preset": preset, "range_in_address": True}}
    if bounds is not None:
        candles = [*page.candles, *([page.partial] if page.partial else [])]
        shown = [candle for candle in candles if candle.close_time > bounds[0] and candle.open_time < bounds[1]]
        if shown:
            daily = page.timeframe == "1d"
            times = axes.time_axis(shown, lane=False, daily=daily, anchor="y")["range"]
            layout |= {"xaxis": layout["xaxis"] | {"range": times}}
    return figure | {"layout": layout}


def _pane_traces(
    panes: Panes, candles: Sequence[Candle], times: list[str], indicators: IndicatorSeries | None
) -> list[traces.Trace]:
    found = [traces.volume_trace(candles, times)] if panes.volume else []
    if indicators is None:
        return found
    series = traces.aligned(indicators, candles)
    if panes.bollinger:
        found += traces.bollinger_traces(series, times)
    if panes.rsi:
        found += traces.rsi_traces(series, times)
    if panes.macd:
        found += traces.macd_traces(series, times)
    return found


def _layout(page: CandlePage, forecast: Forecast | None, *, panes: Panes, shown: list[Candle]) -> dict[str, Any]:
    places, daily, lowest = domains(panes), page.timeframe == "1d", _lowest(panes)
    right = "x" if forecast is None else "x2"
    # lower panes whose height the script fits to what is on show: lowest value for a highest of 1
    layout: dict[str, Any] = {
        "uirevision": f"{page.symbol}|{page.timeframe}",
        "dragmode": "pan",
        "hovermode": "x",
        "showlegend": False,
        "bargap": 0.25,
        "meta": {
            "symbol": page.symbol,
            "running": _running(page.partial),
            "heikin": panes.heikin,
            "fitted": {},
        },
        "xaxis": axes.time_axis(shown, lane=forecast is not None, daily=daily, anchor=lowest),
        "yaxis": axes.price_axis(places["price"], anchor=right, log=panes.log),
        "shapes": [],
        "annotations": [axes.pane_title(TITLES[name], place) for name, place in places.items() if name in TITLES],
    }
    if panes.volume:
        layout["yaxis2"] = axes.pane_axis(places["volume"], anchor=right, ticks=None)
        layout["meta"]["fitted"]["yaxis2"] = 0
    if panes.rsi:
        layout["yaxis3"] = axes.pane_axis(places["rsi"], anchor=right, ticks=[30, 70], span=[0, 100])
    if panes.macd:
        layout["yaxis4"] = axes.pane_axis(places["macd"], anchor=right, ticks=[0])
        layout["meta"]["fitted"]["yaxis4"] = -1
    if panes.news:
        layout["yaxis5"] = axes.pane_axis(places["price"], anchor=right, ticks=None, span=[0, 1]) | {"overlaying": "y"}
    return layout


def _running(partial: Candle | None) -> dict[str, float] | None:
    """Return the prices of the running candle, which live ones move, whatever is drawn of them."""
    return None if partial is None else {"open": partial.open, "high": partial.high, "low": partial.low}


def _lowest(panes: Panes) -> str:
    return next(axis for name, axis in _LOWEST.items() if name == "price" or getattr(panes, name))
