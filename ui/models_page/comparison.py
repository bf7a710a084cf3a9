"""Which of two models is better? The same figures side by side, and whether they were judged on the same rows."""

from html import escape
from itertools import zip_longest

from candlecast.schemas import ModelDetail
from ui.models_page import measures
from ui.models_page.measure import Measure
from ui.models_page.table import go, name_of
from ui.panels import card, empty, filled


def comparison_panel(one: ModelDetail | None, other: ModelDetail | None) -> str:
    """Return the value of the panel that puts two models beside each other."""
    if one is None or other is None or one.id == other.id:
        return empty("Compare", "Press “compare” at another model of the registry to see both side by side.")
    lines = "".join(_line(mine, theirs) for mine, theirs in _pairs(one, other))
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("Figure", name_of(one), name_of(other)))
    table = (
        '<div class="cc-sheet-scroll" role="region" aria-label="Two models side by side"'
        ' tabindex="0" data-scroll="compare">'
        f'<table class="cc-sheet"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>'
    )
    end = f'<button type="button" class="cc-button" data-go="{go(**{"with": ""})}">close</button>'
    return filled(card("Compare", _warning(one, other) + table + _parameters(one, other), aside=end))


def same_rows(one: ModelDetail, other: ModelDetail) -> bool | None:
    """Tell whether two models were judged on the same rows, None where it is not known."""
    spans = [measures.test_span(model) for model in (one, other)]
    if None in spans:
        return None
    alike = (one.timeframe, one.horizon, set(one.symbols)) == (other.timeframe, other.horizon, set(other.symbols))
    return alike and spans[0] == spans[1]


def _pairs(one: ModelDetail, other: ModelDetail) -> list[tuple[Measure | None, Measure | None]]:
    mine, theirs = measures.measures_of(one), measures.measures_of(other)
    if [measure.name for measure in mine] == [measure.name for measure in theirs]:
        return list(zip_longest(mine, theirs))
    by_name = {measure.name: measure for measure in theirs}
    left = [(measure, by_name.pop(measure.name, None)) for measure in mine]
    return [*left, *((None, measure) for measure in by_name.values())]


def _line(mine: Measure | None, theirs: Measure | None) -> str:
    name = (mine or theirs or _NOTHING).name
    return f'<tr><th scope="row">{escape(name)}</th>{_cell(mine, theirs)}{_cell(theirs, mine)}</tr>'


def _cell(measure: Measure | None, rival: Measure | None) -> str:
    if measure is None:
        return '<td class="cc-num">–</td>'
    better = rival is not None and measure.beats(rival.value)
    mark = ' <span class="cc-up" aria-label="better">▲</span>' if better else ""
    return f'<td class="cc-num">{measure.text()}{mark}</td>'


def _warning(one: ModelDetail, other: ModelDetail) -> str:
    same = same_rows(one, other)
    if same:
        return '<p class="cc-fine">Both were judged on the same rows.</p>'
    if same is None:
        return '<p class="cc-fine">Whether both were judged on the same rows is not kept.</p>'
    spans = " against ".join(
        f"{escape(model.timeframe)}, {model.horizon} ahead, {_months(model)}" for model in (one, other)
    )
    return f'<p class="cc-fine cc-warn">Judged on different rows ({spans}): the figures do not compare directly.</p>'


def _months(model: ModelDetail) -> str:
    span = measures.test_span(model)
    return "" if span is None else f"{escape(span[0][:10])} to {escape(span[1][:10])}, n {span[2]:,}"


def _parameters(one: ModelDetail, other: ModelDetail) -> str:
    names = sorted({*one.params, *other.params})
    differing = [name for name in names if one.params.get(name) != other.params.get(name)]
    if not differing:
        return '<p class="cc-fine">Their parameters are the same.</p>'
    said = ", ".join(f"{name} {one.params.get(name, '–')} / {other.params.get(name, '–')}" for name in differing)
    return f'<p class="cc-fine">Parameters that differ: {escape(said)}</p>'


_NOTHING = Measure("", None, "higher", {})
