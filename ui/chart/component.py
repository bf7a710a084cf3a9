"""How is a Plotly figure shown so that zoom survives a refresh? By a component that redraws in place."""

from typing import Literal

import gradio as gr

from ui.chart.value import chart_value
from ui.mounting import mounted

Size = Literal["tall", "small"]


def plotly_chart(*, elem_id: str, size: Size = "tall") -> gr.HTML:
    """Return a chart that ``Plotly.react`` redraws in place, with plotly.js from this server.

    The template never mentions the value, so Gradio leaves the drawn chart alone. A subclass of
    `gradio.HTML` would do as well, but Gradio writes a stub file beside the source of any subclass.

    Parameters
    ----------
    elem_id : str
        Id of the element in the page.
    size : str
        ``tall`` for candles, with a line of figures above; ``small`` for one plain diagram.
    """
    return gr.HTML(
        chart_value(key="", label="chart", figure=None, note="Loading…"),
        html_template=chart_html(size=size),
        js_on_load=mounted("chart", elem_id),
        apply_default_css=False,
        elem_id=elem_id,
    )


def chart_html(*, size: Size = "tall", note: str = "") -> str:
    """Return the inside of a chart that nothing is drawn in yet."""
    return (
        f'<div class="cc-readout"></div><div class="cc-plot cc-plot-{size}"></div>'
        f'<p class="cc-note" role="status">{note}</p>'
    )
