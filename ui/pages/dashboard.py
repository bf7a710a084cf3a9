"""The dashboard: one series at a time, its chart, its forecast, and the watchlist beside it."""

import gradio as gr

from ui.chart.component import plotly_chart
from ui.chart.keeper import FigureKeeper
from ui.dashboard.rounds import news_round, stage_round, watch_round
from ui.dashboard.stage import CHART_ID
from ui.panels import panel
from ui.shell import Shell
from ui.site import Site

# what a tab shows is asked from its page: the server keeps nothing about tabs
_SHOWN = "document.querySelector('#cc-title [data-series]')?.dataset.series ?? ''"
_HELD = f"window.candlecastCharts?.held('{CHART_ID}') ?? ''"


def build(site: Site, shell: Shell) -> None:
    """Add the page's panels and what fills them."""
    with gr.Row(elem_id="cc-main"):
        with gr.Column(elem_id="cc-side"):
            watch = panel("cc-watchlist", height_px=480, label="Watchlist")
            data = panel("cc-data", height_px=190, label="Data")
        with gr.Column(elem_id="cc-middle"):
            with gr.Column(elem_id="cc-stage"):
                title = panel("cc-title", height_px=30, label="Price")
                tools = panel("cc-tools", height_px=34, label="Chart tools")
                chart = plotly_chart(elem_id=CHART_ID)
            with gr.Row(elem_id="cc-mood", equal_height=True):
                sentiment = panel("cc-sentiment", height_px=230, label="Sentiment")
                headlines = panel("cc-headlines", height_px=230, label="Headlines")
        with gr.Column(elem_id="cc-aside"):
            forecast = panel("cc-forecast", height_px=420, label="Forecast")
            why = panel("cc-why", height_px=330, label="Reasons")
            record = panel("cc-record", height_px=130, label="Record")
    shell.on_refresh(
        stage_round(site, FigureKeeper()),
        outputs=[title, tools, chart, forecast, why, record],
        inputs=[title, chart],
        read=[_SHOWN, _HELD],
    )
    shell.on_refresh(watch_round(site), outputs=[watch, data], inputs=[title], read=[_SHOWN])
    shell.on_refresh(news_round(site), outputs=[headlines, sentiment], inputs=[title], read=[_SHOWN])
