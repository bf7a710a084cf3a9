"""How do symbols and models compare? One table, every figure with what stands beside it."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from candlecast.errors import CandlecastError
from candlecast.schemas import RecordFigure, TrackRecord
from ui.panels import card, empty, failed, filled
from ui.record.found import FoundRecord
from ui.record.headline import bounds_text
from ui.record.judge import KINDS, MIN_SETTLED, Kind, beside_of, figure_of, n_days_of, name_of, verdict

TITLE = "Scoreboard"
_WHOLE = '<button type="button" class="cc-plain" data-go="symbol=">All symbols</button>'


def scoreboard_value(found: FoundRecord) -> str:
    """Return the value of the panel of both tables: by symbol, and by model and horizon."""
    if isinstance(found.all, CandlecastError):
        return failed(found.all, title=TITLE, about=found.about)
    if found.choice is None or found.by_symbol is None:
        return empty(TITLE, "No forecast has settled in this window yet.", about=found.about)
    if isinstance(found.by_symbol, CandlecastError):
        return failed(found.by_symbol, title=TITLE, about=found.about)
    everyone = [(_WHOLE, found.choice, found.wanted.symbol is None)]
    each = [(_symbol(one.symbol or ""), one, one.symbol == found.wanted.symbol) for one in found.by_symbol.items]
    tables = card(TITLE, _table([*everyone, *each], first="Symbol"), aside=escape(_scope(found.choice)))
    if len(found.all.items) > 1:
        models = [(_model(one), one, one == found.choice) for one in found.all.items]
        tables += card("Models and horizons", _table(models, first="Model"), aside="all symbols")
    return filled(f'<div class="cc-stack">{tables}</div>', about=found.about)


def _scope(record: TrackRecord) -> str:
    return f"{record.timeframe}, {record.horizon} ahead"


def _symbol(symbol: str) -> str:
    go = escape(urlencode({"symbol": symbol}))
    return f'<button type="button" class="cc-plain" data-go="{go}">{escape(symbol)}</button>'


def _model(record: TrackRecord) -> str:
    go = urlencode({"model": record.model_id, "tf": record.timeframe, "horizon": record.horizon})
    mark = ' <small class="cc-mark">serving</small>' if record.champion else ""
    label = f"{escape(_scope(record))}<small><code>{escape(record.model_id)}</code></small>"
    return f'<button type="button" class="cc-plain" data-go="{escape(go)}">{label}</button>{mark}'


def _table(rows: Sequence[tuple[str, TrackRecord, bool]], *, first: str) -> str:
    heads = "".join(f'<th scope="col" title="{escape(kind.told)}">{escape(kind.title)}</th>' for kind in KINDS)
    head = f'<tr><th scope="col">{first}</th><th scope="col">Settled</th>{heads}<th scope="col">Missed</th></tr>'
    lines = "".join(_line(label, record, on=on) for label, record, on in rows)
    return (
        f'<div class="cc-wide-table" data-scroll="{escape(first)}" tabindex="0" role="region" '
        f'aria-label="Scoreboard by {escape(first.lower())}"><table class="cc-sheet"><thead>{head}</thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def _line(label: str, record: TrackRecord, *, on: bool) -> str:
    cells = "".join(_cell(kind, figure_of(record, kind.metric), n_days=n_days_of(record)) for kind in KINDS)
    few = ' class="cc-few"' if record.n < MIN_SETTLED else ""
    current = ' aria-current="true"' if on else ""
    return (
        f'<tr{few}{current} data-record="{escape(record.symbol or record.model_id)}"><th scope="row">{label}</th>'
        f'<td class="cc-num">{record.n:,}</td>{cells}<td class="cc-num">{record.n_missed:,}</td></tr>'
    )


def _cell(kind: Kind, figure: RecordFigure | None, *, n_days: int) -> str:
    if figure is None or figure.value is None:
        return '<td class="cc-num">–</td>'
    said, colour = verdict(kind, figure, n_days=n_days)
    beside = "".join(
        f"<small>{escape(name_of(name))} {kind.text(value)}</small>" for name, value in beside_of(figure).items()
    )
    return (
        f'<td class="cc-num" data-figure="{kind.metric}" title="{escape(said)}"><span class="{colour}">'
        f"{kind.text(figure.value)}</span>{bounds_text(kind, figure)}{beside}</td>"
    )
