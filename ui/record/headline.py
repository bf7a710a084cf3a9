"""What does the record on show come to? One tile a figure, its baselines beside it, and how far it can be trusted."""

from html import escape

from candlecast.errors import CandlecastError
from candlecast.schemas import RecordFigure, TrackRecord
from ui.panels import card, empty, failed, filled
from ui.record.found import FoundRecord
from ui.record.judge import KINDS, Kind, beside_of, figure_of, n_days_of, name_of, verdict

TITLE = "The record"


def headline_value(found: FoundRecord) -> str:
    """Return the value of the panel of the tiles."""
    if isinstance(found.all, CandlecastError):
        return failed(found.all, title=TITLE, about=found.about)
    own = found.own
    if isinstance(own, CandlecastError):
        return failed(own, title=TITLE, about=found.about)
    if own is None or not own.n:
        return empty(TITLE, _nothing(own, symbol=found.wanted.symbol), about=found.about)
    tiles = "".join(_tile(kind, own) for kind in KINDS)
    return filled(f'{_counts(own)}<div class="cc-tiles">{tiles}</div>', about=found.about)


def _nothing(own: TrackRecord | None, *, symbol: str | None) -> str:
    waiting = "" if own is None else f" {_missed(own)}"
    return (
        f"No forecast of {symbol or 'any symbol'} has settled in this window yet: a forecast counts once the candle "
        f"that it is about has closed.{waiting}"
    )


def _missed(record: TrackRecord) -> str:
    return f"{record.n_missed} were made too late, {record.n_unsettled} will never have an outcome."


def _counts(record: TrackRecord) -> str:
    role = "serving model" if record.champion else "challenger or former model"
    span = f"{record.first_day} to {record.last_day}" if record.first_day else "no day yet"
    facts = [
        f'<b data-count="settled">{record.n:,}</b> settled',
        f'<b data-count="unsettled">{record.n_unsettled:,}</b> without outcome',
        f'<b data-count="missed">{record.n_missed:,}</b> missed',
        escape(span),
        f"{escape(record.timeframe)}, {record.horizon} ahead",
        f"{role} <code>{escape(record.model_id)}</code>",
    ]
    return f'<p class="cc-facts">{" · ".join(facts)}</p>'


def _tile(kind: Kind, record: TrackRecord) -> str:
    figure = figure_of(record, kind.metric)
    if figure is None:
        return card(kind.title, '<p class="cc-empty">Not known of this record.</p>')
    said, colour = verdict(kind, figure, n_days=n_days_of(record))
    body = (
        f'<p class="cc-figure" title="{escape(kind.told)}"><b data-figure="{kind.metric}">{kind.text(figure.value)}</b>'
        f"{bounds_text(kind, figure)}</p>"
        f'<p class="cc-beside">{_beside(kind, figure)}</p>'
        f'<p class="cc-verdict {colour}">{escape(said)}</p>'
    )
    return card(kind.title, body, aside=f"n {figure.n:,}")


def bounds_text(kind: Kind, figure: RecordFigure) -> str:
    """Return the 95 % interval of a figure, empty where it is not known."""
    if figure.low is None or figure.high is None:
        return ""
    return f' <small title="95 % interval">{kind.text(figure.low)} … {kind.text(figure.high)}</small>'


def _beside(kind: Kind, figure: RecordFigure) -> str:
    parts = (f"{escape(name_of(name))} {kind.text(value)}" for name, value in beside_of(figure).items())
    return " · ".join(parts)
