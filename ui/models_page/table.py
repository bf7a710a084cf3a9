"""What does the registry hold? Every model in one table, its figures beside those of its baselines."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from urllib.parse import urlencode

from candlecast.schemas import ModelDetail
from ui import live, words
from ui.models_page import measures
from ui.models_page.measure import Measure
from ui.models_page.shelf import MEANING, Shelf, Standing, standing
from ui.panels import card, empty, failed, filled

_HEADS = (
    ("Model", "algorithm and the first digits of its digest"),
    ("Stands as", "champion serves; challengers forecast unseen beside it"),
    ("Trained", "market time"),
    ("Data span", "candles that it learned from"),
    ("Direction right", "out of sample, with its 95 % interval"),
    ("Always same way", "how often the more frequent direction came"),
    ("Last direction", "how often the last candle's direction came again"),
    ("Log loss", "a coin has 0.6931; lower is better"),
    ("80 % held", "how often the 80 % interval held; 80 % is right"),
    ("Judged on", "rows that no fold had learned from"),
    ("Code", "commit that trained it"),
)


def registry_panel(shelf: Shelf, *, chosen: str, beside: str) -> str:
    """Return the value of the panel of all models.

    Parameters
    ----------
    shelf : Shelf
        The models.
    chosen, beside : str
        Ids of the model that is shown, and of the one compared with it; "" for none.
    """
    if not isinstance(shelf.models, list):
        return failed(shelf.models, title="Registry")
    if not shelf.models:
        return empty("Registry", "No model is trained yet. Start a training below, or run `candlecast train`.")
    heads = "".join(f'<th scope="col" title="{escape(why)}">{escape(name)}</th>' for name, why in _HEADS)
    rows = "".join(_row(model, shelf.models, chosen=chosen, beside=beside) for model in shelf.models)
    table = (
        '<div class="cc-sheet-scroll" role="region" aria-label="Trained models" tabindex="0" data-scroll="models">'
        f'<table class="cc-sheet cc-models"><thead><tr>{heads}<th scope="col">Compare</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
    older = (
        "<p class='cc-fine'>Older ones: <code>candlecast models list</code> or /v1/models.</p>" if shelf.more else ""
    )
    return filled(card("Registry", table + older, aside=_count(len(shelf.models), more=shelf.more)))


def badge(state: Standing) -> str:
    """Return the mark of what a model is."""
    return f'<span class="cc-badge cc-badge-{state}" title="{escape(MEANING[state])}">{state}</span>'


def name_of(model: ModelDetail) -> str:
    """Return what a model is called on the page: its algorithm and the first digits of its digest."""
    return f"{model.algorithm} {model.sha256[:8]}"


def go(**fields: str) -> str:
    """Return the ``data-go`` of a button that changes fields of the address."""
    return escape(urlencode(fields))


def _row(model: ModelDetail, among: Sequence[ModelDetail], *, chosen: str, beside: str) -> str:
    right = measures.headline(model)
    loss = measures.log_loss(model)
    span = measures.test_span(model)
    held = measures.coverage_80(model)
    on = str(model.id == chosen).lower()
    cells = [
        badge(standing(model, among)),
        live.moment(model.trained_at),
        f"{_day(model.data_start)} – {_day(model.data_end)}",
        _better(right, right.text()),
        right.written(right.baselines.get(measures.BASELINES["majority"])),
        right.written(right.baselines.get(measures.BASELINES["last_direction"])),
        loss.text(),
        "–" if held is None else words.share_pct(held),
        "–" if span is None else f"{span[2]:,}",
        commit_text(model),
    ]
    name = (
        f'<th scope="row"><button type="button" class="cc-link" data-go="{go(model=model.id)}" aria-pressed="{on}" '
        f'title="{escape(model.id)}">{escape(name_of(model))}</button>'
        f"<small>{escape(model.timeframe)} · {model.horizon} ahead</small></th>"
    )
    body = "".join(f'<td class="cc-num">{cell}</td>' for cell in cells)
    return f'<tr aria-current="{on}">{name}{body}<td>{_compare(model, chosen=chosen, beside=beside)}</td></tr>'


def commit_text(model: ModelDetail) -> str:
    """Return the commit of the code that trained a model, shortened, as HTML."""
    if model.origin is None:
        return "not kept"
    return f'<code title="{escape(model.origin.code_commit)}">{escape(model.origin.code_commit[:8])}</code>'


def _day(when: datetime) -> str:
    return f"{when.day} {when:%b %Y}"


def _compare(model: ModelDetail, *, chosen: str, beside: str) -> str:
    if model.id == chosen:
        return '<span class="cc-fine">shown</span>'
    on = model.id == beside
    wanted = go(**{"with": "" if on else model.id})
    said = f"Compare {name_of(model)} with the model shown"
    return (
        f'<button type="button" class="cc-button" data-go="{wanted}" aria-pressed="{str(on).lower()}" '
        f'aria-label="{escape(said)}">{"beside" if on else "compare"}</button>'
    )


def _better(measure: Measure, text: str) -> str:
    known = [value for value in measure.baselines.values() if value is not None]
    best = max(known, default=None)
    kind = {True: "cc-up", False: "cc-warn", None: ""}[measure.beats(best)]
    return f'<span class="{kind}">{text}</span>'


def _count(n_models: int, *, more: bool) -> str:
    return f"newest {n_models}" if more else f"{n_models} model{'s' if n_models != 1 else ''}"
