"""The dashboard: one series at a time, its chart, its forecast, and the watchlist beside it."""

import gradio as gr

from ui.chart.component import plotly_chart
from ui.dashboard.places import ASIDE, CHART, MIDDLE, MOOD, SIDE, STAGE, Place
from ui.dashboard.rounds import news_round, stage_round, watch_round
from ui.panels import panel
from ui.shell import Shell
from ui.site import Site

# what a tab shows is asked from its page: the server keeps nothing about tabs
_SHOWN = "document.querySelector('#cc-title [data-series]')?.dataset.series ?? ''"
_HELD = f"window.candlecastCharts?.held('{CHART.elem_id}') ?? ''"


def build(site: Site, shell: Shell) -> None:
    """Add the page's panels and what fills them."""
    with gr.Row(elem_id="cc-main"):
        with gr.Column(elem_id="cc-side"):
            watch, data = map(_panel, SIDE)
        with gr.Column(elem_id=MIDDLE):
            with gr.Column(elem_id="cc-stage"):
                title, tools = map(_panel, STAGE)
                chart = plotly_chart(elem_id=CHART.elem_id)
            with gr.Row(elem_id="cc-mood", equal_height=True):
                sentiment, headlines = map(_panel, MOOD)
        with gr.Column(elem_id="cc-aside"):
            forecast, why, record = map(_panel, ASIDE)
    shell.on_refresh(
        stage_round(site),
        outputs=[title, tools, chart, forecast, why, record],
        inputs=[title, chart],
        read=[_SHOWN, _HELD],
    )
    shell.on_refresh(watch_round(site), outputs=[watch, data], inputs=[title], read=[_SHOWN])
    shell.on_refresh(news_round(site), outputs=[headlines, sentiment], inputs=[title], read=[_SHOWN])


def _panel(place: Place) -> gr.HTML:
    return panel(place.elem_id, height_px=place.height_px, label=place.label)
