"""The dashboard: one series at a time, its chart, its forecast, and the watchlist beside it."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from candlecast.client import AsyncCandlecastClient
from candlecast.errors import CandlecastError
from ui import cards, header
from ui.charts import build_figure
from ui.plotly_chart import chart_value, plotly_chart
from ui.view import View, Wanted, load_view

REFRESH_S = 10.0
_QUIET: Any = {"show_progress": "hidden", "api_visibility": "private"}

_PICK = "element.addEventListener('click', (event) => { const button = event.target.closest('[data-symbol]');"
_PICK += " if (button) trigger('select', { value: button.dataset.symbol }); });"
_WRITE_URL = """(symbol, timeframe, ...rest) => {
  if (symbol && timeframe) {
    const url = new URL(window.location);
    url.searchParams.set('symbol', symbol);
    url.searchParams.set('tf', timeframe);
    window.history.replaceState(null, '', url);
  }
  return [symbol, timeframe, ...rest];
}"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What this tab shows already, so that a refresh sends only what changed."""

    symbols: tuple[str, ...] = ()
    timeframes: tuple[str, ...] = ()
    chart_digest: str = ""


Refresh = Callable[[str | None, str | None, Shown, gr.Request], Awaitable[tuple[Any, ...]]]


def build_dashboard(client: AsyncCandlecastClient, *, horizon: int) -> gr.Blocks:
    """Return the page; nothing is asked before a browser loads it.

    Parameters
    ----------
    client : AsyncCandlecastClient
        Where the page asks for everything it shows.
    horizon : int
        Candles ahead of the forecasts on show.
    """
    with gr.Blocks(title="Candlecast", fill_width=True, analytics_enabled=False) as page:
        top = _panel(header.header_text(None, newest_candle=None), "cc-top")
        banner = _panel("", "cc-banner")
        with gr.Row(elem_id="cc-main"):
            with gr.Column(elem_id="cc-side"):
                watch = _panel(cards.LOADING, "cc-watchlist", script=_PICK)
            with gr.Column(elem_id="cc-stage"):
                title, symbol, timeframe, again = _tools()
                chart = plotly_chart(elem_id="cc-chart")
            with gr.Column(elem_id="cc-aside"):
                forecast = _panel(cards.LOADING, "cc-forecast")
                why = _panel("", "cc-why")
        _panel(cards.FOOT, "cc-foot")
        shown = gr.State(Shown())
        gr.on(
            [page.load, gr.Timer(REFRESH_S).tick, again.click, symbol.change, timeframe.change],
            _refresher(client, horizon=horizon),
            inputs=[symbol, timeframe, shown],
            outputs=[symbol, timeframe, shown, top, banner, title, chart, forecast, why, watch],
            js=_WRITE_URL,
            trigger_mode="always_last",
            concurrency_limit=None,
            **_QUIET,
        )
        watch.select(_picked, outputs=symbol, **_QUIET)
    return page


def _tools() -> tuple[gr.HTML, gr.Dropdown, gr.Radio, gr.Button]:
    with gr.Row(elem_id="cc-tools"):
        title = _panel('<div class="cc-title"><h1>Candlecast</h1></div>', "cc-title")
        symbol = gr.Dropdown(
            [],
            value=None,
            label="Symbol",
            show_label=False,
            container=False,
            allow_custom_value=True,
            elem_id="cc-symbol",
        )
        timeframe = gr.Radio([], show_label=False, container=False, elem_id="cc-timeframe")
        again = gr.Button("↻ Refresh", size="sm", elem_id="cc-refresh")
    return title, symbol, timeframe, again


def _panel(value: str, name: str, *, script: str | None = None) -> gr.HTML:
    return gr.HTML(value, elem_id=name, js_on_load=script, apply_default_css=False)


def _picked(event: gr.EventData) -> str:
    return str(event._data["value"])


def _refresher(client: AsyncCandlecastClient, *, horizon: int) -> Refresh:
    async def refresh(symbol: str | None, timeframe: str | None, shown: Shown, request: gr.Request) -> tuple[Any, ...]:
        asked = request.query_params
        wanted = Wanted(symbol or asked.get("symbol"), timeframe or asked.get("tf"), horizon)
        view = await load_view(client, wanted)
        chart = chart_text(view)
        digest = hashlib.sha256(chart.encode()).hexdigest()
        selectors = _selectors(view, shown, now=(symbol, timeframe))
        after = Shown(_symbols(view) or shown.symbols, _timeframes(view) or shown.timeframes, digest)
        return (*selectors, after, *_panels(view), gr.skip() if digest == shown.chart_digest else chart, *_asides(view))

    return refresh


def chart_text(view: View) -> str:
    """Return the value of the chart: the figure, or why there is none."""
    if view.choice is None:
        return chart_value(key="", label="no chart", figure=None, note=str(view.candles))
    key = f"{view.choice.symbol} {view.choice.timeframe}"
    if isinstance(view.candles, CandlecastError):
        return chart_value(key=key, label=f"{key}: no chart", figure=None, note=str(view.candles))
    if not view.candles.candles:
        return chart_value(key=key, label=f"{key}: no chart", figure=None, note=f"No candles of {key} are stored yet.")
    forecast = None if isinstance(view.forecast, CandlecastError) else view.forecast
    asset_class = view.status.asset_class if view.status else "crypto"
    figure = build_figure(view.candles, forecast, asset_class=asset_class)
    return chart_value(key=key, label=f"{key} candles, volume and forecast fan", figure=figure)


def _selectors(view: View, shown: Shown, *, now: tuple[str | None, str | None]) -> tuple[Any, Any]:
    if view.choice is None:
        return gr.skip(), gr.skip()
    symbols, timeframes = _symbols(view), _timeframes(view)
    symbol: Any = gr.skip()
    timeframe: Any = gr.skip()
    if view.choice.symbol != now[0] or (symbols and symbols != shown.symbols):
        symbol = gr.Dropdown(choices=list(symbols or shown.symbols), value=view.choice.symbol)
    if view.choice.timeframe != now[1] or (timeframes and timeframes != shown.timeframes):
        timeframe = gr.Radio(choices=list(timeframes or shown.timeframes), value=view.choice.timeframe)
    return symbol, timeframe


def _symbols(view: View) -> tuple[str, ...]:
    return () if isinstance(view.symbols, CandlecastError) else tuple(status.symbol for status in view.symbols)


def _timeframes(view: View) -> tuple[str, ...]:
    return tuple(view.status.timeframes) if view.status else ()


def _panels(view: View) -> tuple[str, str, str]:
    newest = view.status.newest_candle if view.status else None
    notice = view.choice.notice if view.choice else None
    name = view.choice.symbol if view.choice else "Candlecast"
    return (
        header.header_text(view.readiness, newest_candle=newest),
        header.banner_text(view.readiness, notice=notice),
        cards.title_text(view.candles, name, status=view.status),
    )


def _asides(view: View) -> tuple[str, str, str]:
    chosen = view.choice.symbol if view.choice else ""
    statuses = {} if isinstance(view.symbols, CandlecastError) else {status.symbol: status for status in view.symbols}
    watch = cards.watch_card(view.watched, view.watch, chosen=chosen, statuses=statuses) if view.watched else ""
    return cards.forecast_card(view.forecast), cards.why_card(view.forecast), watch
