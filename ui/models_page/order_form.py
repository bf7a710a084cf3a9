"""What can a reader have trained? The form of a training or a search."""

from dataclasses import dataclass
from html import escape

import gradio as gr

from candlecast.errors import CandlecastError
from candlecast.schemas import JobAccepted
from ui.models_page.orders import ALGORITHMS
from ui.site import Site

TRIALS = 20
# a search chooses among parameters of one algorithm
_SHOW = """(kind) => [
  { __type__: 'update', visible: kind === 'train' },
  { __type__: 'update', visible: kind === 'tune' },
]"""


@dataclass(frozen=True, slots=True)
class OrderForm:
    """The parts of the form.

    Parameters
    ----------
    kind, symbols, horizon, algorithm, trials : gradio components
        What is filled in.
    start : gradio.Button
        Sends it.
    said : gradio.HTML
        What came of it.
    """

    kind: gr.Radio
    symbols: gr.Dropdown
    horizon: gr.Number
    algorithm: gr.Dropdown
    trials: gr.Number
    start: gr.Button
    said: gr.HTML

    @staticmethod
    def answer(result: JobAccepted | CandlecastError) -> str:
        """Return what came of an order, as HTML."""
        if isinstance(result, CandlecastError):
            return f'<div class="cc-error" role="alert"><b>{escape(result.title)}</b><p>{escape(str(result))}</p></div>'
        said = "Started." if result.submitted else "An equal job runs already: this is it."
        return f'<p role="status" class="cc-up">{said} <code>{escape(result.id)}</code></p>'


def order_form(site: Site) -> OrderForm:
    """Add the form and return its parts."""
    with gr.Column(elem_id="cc-order", elem_classes=["cc-panel", "cc-form"]):
        gr.HTML("<h2>Train or tune</h2>", apply_default_css=False)
        kind = gr.Radio(
            [("Train a model", "train"), ("Search parameters, then train", "tune")], value="train", label="What"
        )
        symbols = gr.Dropdown(
            [], multiselect=True, label="Symbols (none: all that are followed)", elem_id="cc-order-symbols"
        )
        with gr.Row():
            horizon = gr.Number(site.horizon, label="Horizon, candles ahead", precision=0, minimum=1, maximum=96)
            algorithm = gr.Dropdown(list(ALGORITHMS), value=ALGORITHMS[0], label="Algorithm")
            trials = gr.Number(TRIALS, label="Trials", precision=0, minimum=1, maximum=1_000, visible=False)
        start = gr.Button("Start the job", elem_id="cc-order-start")
        said = gr.HTML("", elem_id="cc-order-said", apply_default_css=False)
    kind.change(
        None,
        inputs=kind,
        outputs=[algorithm, trials],
        js=_SHOW,
    )
    return OrderForm(kind, symbols, horizon, algorithm, trials, start, said)
