"""How is a Plotly figure shown so that zoom survives a refresh? By a component that redraws in place."""

import json
from pathlib import Path
from typing import Any

import gradio as gr
import plotly

PLOTLY_PATH = "/assets/plotly.min.js"

_SCRIPT = Path(__file__).with_name("assets") / "plotly_chart.js"


def plotly_file() -> Path:
    """Return the plotly.js file that the plotly wheel carries."""
    return Path(plotly.__file__).with_name("package_data") / "plotly.min.js"


def chart_value(*, key: str, label: str, figure: dict[str, Any] | None, note: str | None = None) -> str:
    """Return the value of a `plotly_chart`.

    Parameters
    ----------
    key : str
        Names the series; an earlier figure of the same key stays, dimmed, while a note is shown.
    label : str
        The chart in words, for screen readers.
    figure : dict or None
        ``data`` and ``layout`` of Plotly; None: nothing new can be drawn.
    note : str or None
        Why nothing is drawn.
    """
    return json.dumps({"key": key, "label": label, "figure": figure, "note": note}, separators=(",", ":"))


def plotly_chart(*, elem_id: str) -> gr.HTML:
    """Return a chart that ``Plotly.react`` redraws in place, with plotly.js from this server.

    The template never mentions the value, so Gradio leaves the drawn chart alone. A subclass of
    `gradio.HTML` would do as well, but Gradio writes a stub file beside the source of any subclass.

    Parameters
    ----------
    elem_id : str
        Id of the element in the page.
    """
    return gr.HTML(
        chart_value(key="", label="chart", figure=None, note="Loading candles…"),
        html_template='<div class="cc-plot"></div><p class="cc-note" role="status"></p>',
        js_on_load=_SCRIPT.read_text(encoding="utf-8"),
        head=f'<script src="{PLOTLY_PATH}?v={plotly.__version__}"></script>',
        apply_default_css=False,
        elem_id=elem_id,
    )
