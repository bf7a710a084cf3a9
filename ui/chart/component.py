"""How is a Plotly figure shown so that zoom survives a refresh? By a component that redraws in place."""

from pathlib import Path
from typing import Literal

import gradio as gr

from ui.asset_files import asset_url
from ui.chart.value import chart_value

_ASSETS = Path(__file__).parents[1] / "assets"
_PARTS = ("view", "delta", "times", "look", "zoom", "live", "readout", "files")


def plotly_chart(*, elem_id: str, size: Literal["tall", "small"] = "tall") -> gr.HTML:
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
        html_template=(
            f'<div class="cc-readout"></div><div class="cc-plot cc-plot-{size}"></div>'
            '<p class="cc-note" role="status"></p>'
        ),
        js_on_load=(_ASSETS / "plotly_chart.js").read_text(encoding="utf-8"),
        head=script_tags(),
        apply_default_css=False,
        elem_id=elem_id,
    )


def script_tags() -> str:
    """Return the script elements that a page with charts needs."""
    names = ["plotly.min.js", *(f"plotly_chart_{part}.js" for part in _PARTS)]
    return "".join(f'<script src="{asset_url(name)}"></script>' for name in names)
