"""What is known of one model? Where it comes from, and every figure beside its baselines."""

from html import escape

from candlecast.schemas import ModelDetail
from ui import live
from ui.models_page import measures
from ui.models_page.intervals import interval_row
from ui.models_page.measure import Measure
from ui.models_page.shelf import MEANING, Shelf, standing
from ui.models_page.table import badge, commit_text, name_of
from ui.panels import card, empty, filled, row

_FEW_SYMBOLS = 6


def detail_panel(shelf: Shelf, model: ModelDetail | None) -> str:
    """Return the value of the panel of one model: where it comes from."""
    if model is None:
        return empty("Model", "No model is shown: choose one in the registry.")
    state = standing(model, shelf.known())
    rows = [
        row("Serves", f"{escape(model.timeframe)} candles, {model.horizon} ahead"),
        row("Trained", live.moment(model.trained_at)),
        row("Promoted", live.moment(model.promoted_at) if model.promoted_at else "never"),
        row("Data", f"{live.moment(model.data_start)} – {live.moment(model.data_end)}"),
        row("Symbols", _symbols(model)),
        row("Features", f"{len(model.features)}"),
        interval_row(model),
        row("Candles", f"{model.origin.n_candles:,}" if model.origin else "not kept"),
        row("Code", commit_text(model)),
        row("Digest", _digest(model.sha256)),
        row("Id", f"<code>{escape(model.id)}</code>"),
    ]
    said = f'<p class="cc-fine">{badge(state)} {escape(MEANING[state])}</p>'
    why = _said(model, "promotion", "Promotion: ") + _said(model, "leak_alarm", "Leak alarm: ", kind="cc-warn")
    return filled(card(name_of(model), said + "".join(rows) + why), about=model.id)


def figures_panel(model: ModelDetail | None) -> str:
    """Return the value of the panel of a model's figures out of sample, each beside those of its baselines."""
    if model is None:
        return empty("Out of sample", "No model is shown.")
    found = measures.measures_of(model)
    if not any(measure.value is not None for measure in found):
        return empty("Out of sample", "This model was registered without figures.", about=model.id)
    lines = "".join(_line(measure) for measure in found)
    table = (
        '<div class="cc-sheet-scroll" role="region" aria-label="Figures beside baselines"'
        ' tabindex="0" data-scroll="figures">'
        '<table class="cc-sheet cc-figures"><thead><tr><th scope="col">Figure</th><th scope="col">Model</th>'
        f'<th scope="col">What needs no such model</th></tr></thead><tbody>{lines}</tbody></table></div>'
    )
    return filled(card("Out of sample", table + _span(model), aside=_n_rows(model)), about=model.id)


def params_panel(model: ModelDetail | None) -> str:
    """Return the value of the panel of a model's parameters."""
    if model is None or not model.params:
        return empty("Parameters", "None are kept for this model.", about=model.id if model else "")
    rows = "".join(row(name, f"<code>{escape(str(value))}</code>") for name, value in sorted(model.params.items()))
    return filled(card("Parameters", rows), about=model.id)


def _line(measure: Measure) -> str:
    known = [value for value in measure.baselines.values() if value is not None]
    beaten = [measure.beats(value) for value in known]
    kind = "cc-up" if beaten and all(beaten) else "cc-warn" if False in beaten else ""
    beside = " · ".join(
        f"{escape(name)} {measure.written(value)}" for name, value in measure.baselines.items() if value is not None
    )
    return (
        f'<tr><th scope="row">{escape(measure.name)}</th><td class="cc-num {kind}">{measure.text()}</td>'
        f'<td class="cc-fine cc-beside">{beside or "–"}</td></tr>'
    )


def _span(model: ModelDetail) -> str:
    span = measures.test_span(model)
    if span is None:
        return ""
    first, last, _ = span
    return (
        f'<p class="cc-fine">Judged walk-forward on {escape(first[:16].replace("T", " "))} to '
        f"{escape(last[:16].replace('T', ' '))} UTC, on rows that the fold had not learned from. Green: better than "
        "all beside it; amber: one beside it is better.</p>"
    )


def _n_rows(model: ModelDetail) -> str:
    span = measures.test_span(model)
    return "" if span is None else f"n {span[2]:,}"


def _symbols(model: ModelDetail) -> str:
    shown = ", ".join(model.symbols[:_FEW_SYMBOLS])
    rest = len(model.symbols) - _FEW_SYMBOLS
    more = f" and {rest} more" if rest > 0 else ""
    return f'<span title="{escape(", ".join(model.symbols))}">{escape(shown)}{more}</span>'


def _digest(sha256: str) -> str:
    return f'<code title="{escape(sha256)}">{escape(sha256[:16])}…</code>'


def _said(model: ModelDetail, name: str, label: str, *, kind: str = "") -> str:
    found = model.metrics.get(name)
    return f'<p class="cc-fine {kind}">{escape(label)}{escape(str(found))}</p>' if found else ""
