"""The models: the registry, one model in full, two side by side, what serves, and trainings from here."""

from typing import Any

import gradio as gr

from candlecast.errors import CandlecastError
from candlecast.schemas import ModelDetail
from ui.address import Address
from ui.admin_key import READ_KEY, key_form
from ui.chart.component import plotly_chart
from ui.models_page.desk_state import DeskState
from ui.models_page.loading import load_model, load_shelf
from ui.models_page.orders import Order, change
from ui.models_page.rendering import render
from ui.models_page.shelf import Shelf
from ui.models_page.watching import build_jobs
from ui.panels import asked, in_turn, panel, read_turn
from ui.preferences import Preferences
from ui.shell import Shell, reading_script
from ui.site import Site

_HEAD = (
    "<h1>Models</h1><p>Every model that was trained here, judged out of sample beside what needs no model. "
    "The champion serves; challengers forecast unseen beside it.</p>"
)


def build(site: Site, shell: Shell) -> None:
    """Add the panels of the models, and the events that change what serves."""
    gr.HTML(_HEAD, elem_id="cc-models-head", elem_classes=["cc-head"], apply_default_css=False)
    registry = panel("cc-registry", height_px=220, label="Registry")
    with gr.Row(elem_classes=["cc-two"]):
        with gr.Column(elem_classes=["cc-wide"]) as wide:
            figures = panel("cc-figures", height_px=520, label="Figures of the model")
            with gr.Column(elem_id="cc-importance-card", elem_classes=["cc-panel"]):
                importance_head = panel("cc-importance-head", height_px=60, label="Importance")
                importance = plotly_chart(elem_id="cc-importance", size="small")
            comparison = panel("cc-comparison", height_px=120, label="Comparison")
        with gr.Column(elem_classes=["cc-slim"]):
            detail = panel("cc-model", height_px=360, label="Model")
            changing = panel("cc-changing", height_px=120, label="What serves")
            key = key_form(elem_id="cc-key")
            health = panel("cc-health", height_px=220, label="Health")
            params = panel("cc-params", height_px=200, label="Parameters")
    with wide:
        build_jobs(site, shell, key)
    views = [registry, figures, importance_head, importance, comparison, detail, health, params]
    _wire(site, shell, views=views, changing=changing, key=key)


def _wire(site: Site, shell: Shell, *, views: list[gr.HTML], changing: gr.HTML, key: gr.HTML) -> None:
    state = gr.State(DeskState())

    async def refresh(address: Address, _: Preferences, stands: DeskState, turn: int) -> tuple[Any, ...]:
        shelf, model, other = await _asked_for(site, address)
        return *render(shelf, model, other), in_turn(turn, stands.panel(shelf, _known(model)))

    async def act(query: str, _: Any, admin_key: str, turn: int, event: gr.EventData) -> tuple[Any, ...]:
        address, order = Address.parse(query), Order.parse(asked(event))
        shelf, model, other = await _asked_for(site, address)
        shown = _known(model)
        stands = DeskState()
        if order is not None and shown is not None:
            about = shelf.find(order.model_id) or shown
            result = await change(site, order, about, key=admin_key) if order.confirmed else None
            stands = DeskState(order, about, result, shown.id)
        if stands.result is not None:
            shelf, model, other = await _asked_for(site, address)
        return *render(shelf, model, other), in_turn(turn + 1, stands.panel(shelf, _known(model))), stands

    turn = read_turn(changing)
    shell.on_refresh(refresh, inputs=[state, changing], read=[None, turn], outputs=[*views, changing])
    changing.select(
        act,
        inputs=[shell.top, shell.preferences, key, changing],
        outputs=[*views, changing, state],
        js=reading_script(2, [READ_KEY, turn]),
        show_progress="hidden",
        api_visibility="private",
        concurrency_limit=None,
    )


async def _asked_for(
    site: Site, address: Address
) -> tuple[Shelf, ModelDetail | CandlecastError | None, ModelDetail | CandlecastError | None]:
    shelf = await load_shelf(site)
    wanted = address.text("model")
    model = await load_model(site, shelf, wanted) if wanted else shelf.champion() or next(iter(shelf.known()), None)
    return shelf, model, await load_model(site, shelf, address.text("with"))


def _known(model: ModelDetail | CandlecastError | None) -> ModelDetail | None:
    return model if isinstance(model, ModelDetail) else None
