"""How is a change of what serves asked for? A panel with its buttons, a question before each, and what came of it."""

from html import escape

from candlecast.errors import CandlecastError
from candlecast.schemas import ModelDetail
from ui.models_page.orders import Order
from ui.models_page.shelf import Shelf
from ui.models_page.table import name_of
from ui.panels import card, filled


def changing_panel(shelf: Shelf, model: ModelDetail | None) -> str:
    """Return the value of the panel with the buttons for `model`."""
    if model is None:
        return filled(card("What serves", '<p class="cc-empty">No model to promote yet.</p>'))
    champion = _champion_of(shelf, model)
    said = _standing_words(model, champion)
    return filled(card("What serves", f'<p>{said}</p><p class="cc-actions">{_buttons(model, champion)}</p>'))


def asking_panel(shelf: Shelf, order: Order, model: ModelDetail) -> str:
    """Return the value of the panel while the reader is asked whether the order about `model` is meant."""
    champion = _champion_of(shelf, model)
    if order.verb == "rollback":
        question = f"Take {name_of(model)} out of service and let the champion before it serve again?"
    else:
        scope = f"{model.timeframe}, {model.horizon} ahead"
        before = f" in place of {name_of(champion)}" if champion else ""
        question = f"Let {name_of(model)} serve {scope}{before}, whatever its figures say?"
    yes = _button(f"{order.verb}!:{model.id}", "Yes, do it", kind="cc-strong")
    no = _button("keep", "No, keep what serves")
    body = f'<p role="alert">{escape(question)}</p><p class="cc-actions">{yes}{no}</p>'
    return filled(card("What serves", body))


def told_panel(order: Order, result: ModelDetail | CandlecastError) -> str:
    """Return the value of the panel after an order was carried out, or refused."""
    if isinstance(result, CandlecastError):
        again = _button(f"{order.verb}:{order.model_id}", "Ask again")
        body = (
            f'<div class="cc-error" role="alert"><b>{escape(result.title)}</b><p>{escape(str(result))}</p></div>'
            f'<p>Nothing changed.</p><p class="cc-actions">{again}</p>'
        )
        return filled(card("What serves", body))
    said = f"{name_of(result)} serves {result.timeframe}, {result.horizon} ahead, now; replicas load it within seconds."
    actions = _buttons(result, result)
    return filled(
        card("What serves", f'<p role="status" class="cc-up">{escape(said)}</p><p class="cc-actions">{actions}</p>')
    )


def _standing_words(model: ModelDetail, champion: ModelDetail | None) -> str:
    scope = f"{model.timeframe}, {model.horizon} ahead"
    if champion is None:
        return f"No model serves {escape(scope)}."
    if champion.id == model.id:
        return f"{escape(name_of(model))} serves {escape(scope)}."
    return f"{escape(name_of(champion))} serves {escape(scope)}, not {escape(name_of(model))}."


def _buttons(model: ModelDetail, champion: ModelDetail | None) -> str:
    if champion is not None and champion.id == model.id:
        return _button(f"rollback:{model.id}", "Roll back…")
    if model.pruned:
        return '<span class="cc-fine">Its files were deleted: train again.</span>'
    return _button(f"promote:{model.id}", "Let it serve…")


def _button(asks: str, text: str, *, kind: str = "") -> str:
    return f'<button type="button" class="cc-button {kind}" data-ask="{escape(asks)}">{escape(text)}</button>'


def _champion_of(shelf: Shelf, model: ModelDetail) -> ModelDetail | None:
    wanted = (model.timeframe, model.horizon)
    return next(
        (one for one in shelf.known() if one.status == "champion" and (one.timeframe, one.horizon) == wanted), None
    )
