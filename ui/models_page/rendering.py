"""What do the panels of the models show, given what was found? One value a panel, in the order of the page."""

from candlecast.errors import CandlecastError
from candlecast.schemas import ModelDetail
from ui.chart.value import chart_value
from ui.models_page.comparison import comparison_panel
from ui.models_page.detail import detail_panel, figures_panel, params_panel
from ui.models_page.health import health_panel
from ui.models_page.importance import importance_figure, importance_words
from ui.models_page.shelf import Shelf
from ui.models_page.table import name_of, registry_panel
from ui.panels import failed, filled

Found = ModelDetail | CandlecastError | None


def render(shelf: Shelf, model: Found, other: Found) -> tuple[str, ...]:
    """Return the values of registry, figures, head and chart of importance, comparison, detail, health, parameters.

    Parameters
    ----------
    shelf : Shelf
        The registry.
    model : ModelDetail, CandlecastError or None
        The model shown, why it cannot be, or None where there is none.
    other : ModelDetail, CandlecastError or None
        The one beside it.
    """
    health = health_panel(shelf.readiness)
    beside = other.id if isinstance(other, ModelDetail) else ""
    error = _error(shelf, model)
    if error is not None:
        gone = failed(error, title="Model")
        table = registry_panel(shelf, chosen="", beside=beside)
        chart = chart_value(key="", label="no importance", figure=None, note="No model to show.")
        return table, gone, filled(_head("")), chart, failed(error, title="Compare"), gone, health, gone
    shown = model if isinstance(model, ModelDetail) else None
    return (
        registry_panel(shelf, chosen=shown.id if shown else "", beside=beside),
        figures_panel(shown),
        filled(_head(importance_words(shown) if shown else ""), about=shown.id if shown else ""),
        _importance(shown),
        failed(other, title="Compare") if isinstance(other, CandlecastError) else comparison_panel(shown, other),
        detail_panel(shelf, shown),
        health,
        params_panel(shown),
    )


def _error(shelf: Shelf, model: Found) -> CandlecastError | None:
    if isinstance(model, CandlecastError):
        return model
    return shelf.models if model is None and isinstance(shelf.models, CandlecastError) else None


def _importance(model: ModelDetail | None) -> str:
    if model is None:
        return chart_value(key="", label="no importance", figure=None, note="No model is shown.")
    figure = importance_figure(model)
    note = None if figure else "No importance is kept for this model."
    label = f"Features that weigh most in {name_of(model)}"
    return chart_value(key=model.id, label=label, figure=figure, note=note)


def _head(words: str) -> str:
    return f'<h2 class="cc-heading">Importance</h2><p class="cc-fine">{words}</p>'
