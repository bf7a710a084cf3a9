"""The charts page: one series in all its timeframes, with panes, news and the forecast fan."""

from collections.abc import Sequence

import gradio as gr

from candlecast.errors import CandlecastError, InsufficientHistoryError
from candlecast.schemas import SymbolStatus
from ui.address import Address
from ui.chart.component import plotly_chart
from ui.chart.page import Shown, chart_text, head_text, panes_of, remarks_text, tools_text
from ui.chart.series import Wish, load_chart
from ui.chart.span import Span, length_of
from ui.dashboard.choice import Choice, choose, status_of
from ui.panels import attempt, failed, panel
from ui.preferences import Preferences
from ui.shell import Shell
from ui.site import Site

CHART = "cc-chart"
_HELD = f"window.candlecastCharts?.held('{CHART}') ?? ''"

Symbols = Sequence[SymbolStatus] | CandlecastError


def build(site: Site, shell: Shell) -> None:
    """Add the page's parts and what fills them."""
    with gr.Column(elem_id="cc-charts"):
        head = panel("cc-chart-head", height_px=34, label="Symbol")
        tools = panel("cc-chart-tools", height_px=34, label="Chart tools")
        chart = plotly_chart(elem_id=CHART)
        remarks = gr.HTML("", elem_id="cc-remarks", apply_default_css=False)

    async def refresh(address: Address, preferences: Preferences, held: str) -> tuple[str, str, str, str]:
        symbols = await attempt(site.answers.get("symbols", site.client.symbols))
        choice = choose(symbols, symbol=address.text("symbol"), timeframe=address.text("tf") or preferences.timeframe)
        if choice is None:
            return _nothing(site, symbols)
        shown = await _load(site, symbols, choice, address=address, preferences=preferences)
        return (
            head_text(shown),
            tools_text(shown, CHART),
            chart_text(shown, site.figures, held=held),
            remarks_text(shown),
        )

    shell.on_refresh(refresh, outputs=[head, tools, chart, remarks], inputs=[chart], read=[_HELD])


async def _load(site: Site, symbols: Symbols, choice: Choice, *, address: Address, preferences: Preferences) -> Shown:
    status, panes = status_of(symbols, choice.symbol), panes_of(address, preferences)
    span, step = Span.parse(address.text("range")), length_of(choice.timeframe)
    newest = status.newest_candle if status else None
    wish = Wish(
        choice.symbol,
        choice.timeframe,
        panes,
        n_candles=span.n_candles(step, newest=newest),
        forecast=choice.timeframe == choice.followed,
    )
    return Shown(choice, status, panes, span, await load_chart(site, wish))


def _nothing(site: Site, symbols: Symbols) -> tuple[str, str, str, str]:
    error = (
        symbols
        if isinstance(symbols, CandlecastError)
        else InsufficientHistoryError("no symbol has candles yet; the first backfill is still on its way")
    )
    note = site.figures.value(key="", label="no chart", figure=None, note=str(error), held="")
    return failed(error), "", note, ""
