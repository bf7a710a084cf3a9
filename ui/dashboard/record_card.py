"""How did this model do here so far? Its own settled forecasts of one symbol, beside naive ones."""

from candlecast.schemas import RecordFigure, TrackRecord
from ui import words
from ui.dashboard.facts import Judged
from ui.panels import card, row

MIN_SETTLED = 50
_COIN_BRIER = 0.25


def record_card(judged: Judged) -> str:
    """Return the panel of the record; below `MIN_SETTLED` settled forecasts it shows no figure."""
    record = judged.record
    if record is None or record.n < MIN_SETTLED:
        n = 0 if record is None else record.n
        settled = f"{n} forecast{'' if n == 1 else 's'} of this model settled here"
        body = f'<p class="cc-reason">Too few settled yet: {settled}, {MIN_SETTLED} make a figure.</p>'
        return card("Its record here", body + _counts(record), aside=f"{n} settled")
    figures = {figure.metric: figure for figure in record.figures}
    body = _accuracy(figures.get("accuracy")) + _coverage(figures.get("coverage_80")) + _brier(figures.get("brier"))
    return card("Its record here", body + _counts(record), aside=f"{record.n} settled")


def _accuracy(figure: RecordFigure | None) -> str:
    if figure is None or figure.value is None:
        return row("Direction right", "not known yet")
    beside = figure.beside
    return row("Direction right", f"{words.share_pct(figure.value)}{_bounds(figure)}") + row(
        "always up · last direction", f"{_share(beside.get('always_up'))} · {_share(beside.get('last_direction'))}"
    )


def _bounds(figure: RecordFigure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f' <small title="95 % interval">{100 * figure.low:.1f} – {100 * figure.high:.1f}</small>'


def _coverage(figure: RecordFigure | None) -> str:
    return row("80 % interval held", _share(None if figure is None else figure.value))


def _brier(figure: RecordFigure | None) -> str:
    if figure is None or figure.value is None:
        return row("Brier (coin 0.250)", "not known yet")
    kind = "cc-up" if figure.value < _COIN_BRIER else "cc-down"
    return row("Brier (coin 0.250)", f"{figure.value:.3f}", kind=kind)


def _counts(record: TrackRecord | None) -> str:
    if record is None or not record.n_missed + record.n_unsettled:
        return ""
    return row("Missed · without outcome", f"{record.n_missed} · {record.n_unsettled}")


def _share(value: float | None) -> str:
    return "not known" if value is None else words.share_pct(value)
