"""What may an alert be about? The form of a new rule."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from ui.settings_page.alert_words import METRICS, SIDES, WINDOWS

NAMES = ("symbol", "metric", "side", "threshold", "window", "horizon", "channels", "name")
# only some figures look ahead, only some look back over a window
_SHOW = """(metric) => [
  { __type__: 'update', visible: metric === 'move_pct' || metric === 'sentiment' },
  { __type__: 'update', visible: metric === 'p_up' || metric === 'coverage' },
]"""


@dataclass(frozen=True, slots=True)
class AlertForm:
    """The parts of the form.

    Parameters
    ----------
    fields : list of gradio components
        In the order of `NAMES`.
    add : gradio.Button
        Sends it.
    said : gradio.HTML
        What came of it.
    """

    fields: list[Any]
    add: gr.Button
    said: gr.HTML

    def field(self, name: str) -> Any:
        """Return the component of one of `NAMES`."""
        return self.fields[NAMES.index(name)]


def alert_form(*, horizon: int) -> AlertForm:
    """Add the form and return its parts; `horizon` is how far ahead forecasts look."""
    with gr.Column(elem_id="cc-alert-form", elem_classes=["cc-panel", "cc-form"]):
        gr.HTML("<h2>New alert</h2>", apply_default_css=False)
        with gr.Row():
            symbol = gr.Dropdown([], label="Symbol", elem_id="cc-alert-symbol")
            metric = gr.Dropdown([(text, name) for name, text in METRICS.items()], value="price", label="Figure")
        side = gr.Radio(SIDES, value="above", label="Tell when it")
        with gr.Row():
            threshold = gr.Number(None, label="Threshold", elem_id="cc-alert-threshold")
            window = gr.Dropdown(list(WINDOWS), value="24h", label="Over the last", visible=False)
            ahead = gr.Number(horizon, label="Candles ahead", precision=0, minimum=1, maximum=96, visible=False)
        channels = gr.Dropdown([], multiselect=True, label="Also send to (none: this page only)")
        name = gr.Textbox("", label="Name (may be empty)", max_length=80, max_lines=1)
        add = gr.Button("Add the alert", elem_id="cc-alert-add")
        said = gr.HTML("", elem_id="cc-alert-said", apply_default_css=False)
    metric.change(None, inputs=metric, outputs=[window, ahead], js=_SHOW)
    return AlertForm([symbol, metric, side, threshold, window, ahead, channels, name], add, said)
