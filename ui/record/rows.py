"""What was said lately, and what came? The newest recorded forecasts, as they were written down."""

from html import escape

from candlecast.errors import CandlecastError
from candlecast.schemas import LedgerItem
from ui import words
from ui.live import moment
from ui.panels import card, empty, failed, filled
from ui.record.found import FoundRecord
from ui.record.timeline import has_risen, is_inside

TITLE = "Last forecasts"
N_SHOWN = 50
_HEADS = ("Target", "Symbol", "Call", "P(up)", "80 % interval", "Came", "Direction", "In 80 %")
_CALLS = {"up": ("▲ up", "cc-up"), "down": ("▼ down", "cc-down"), "abstain": ("no call", "")}


def rows_value(found: FoundRecord) -> str:
    """Return the value of the panel of the newest forecasts."""
    if isinstance(found.all, CandlecastError):
        return failed(found.all, title=TITLE, about=found.about)
    if isinstance(found.rows, CandlecastError):
        return failed(found.rows, title=TITLE, about=found.about)
    rows = [] if found.rows is None else found.rows.items[:N_SHOWN]
    if not rows:
        return empty(TITLE, "No forecast is recorded here yet.", about=found.about)
    head = "".join(f'<th scope="col">{each}</th>' for each in _HEADS)
    lines = "".join(_line(row) for row in rows)
    table = (
        f'<div class="cc-wide-table cc-tall-table" data-scroll="rows" tabindex="0" role="region" aria-label="{TITLE}">'
        f'<table class="cc-sheet"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'
    )
    return filled(card(TITLE, table, aside=escape(_summary(rows))), about=found.about)


def _summary(rows: list[LedgerItem]) -> str:
    calls = [right for row in rows if (right := call_came_true(row)) is not None]
    waiting = sum(row.outcome is None for row in rows)
    return f"{sum(calls)} of {len(calls)} calls right · {waiting} waiting"


def call_came_true(row: LedgerItem) -> bool | None:
    """Tell whether a call came true, None where none was made or nothing came of it."""
    rose = has_risen(row.outcome)
    return None if rose is None or row.forecast.direction == "abstain" else rose == (row.forecast.direction == "up")


def _line(row: LedgerItem) -> str:
    forecast = row.forecast
    said, kind = _CALLS[forecast.direction]
    why = escape(forecast.abstain_reason or f"made {words.moment(forecast.made_at)}")
    band = next((each for each in forecast.intervals if abs(each.level - 0.8) < 1e-6), None)
    interval = "–" if band is None else f"{words.price(band.low)} – {words.price(band.high)}"
    return (
        f'<tr data-row="{row.id}"><td>{moment(forecast.target_time)}</td><td>{escape(forecast.symbol)}</td>'
        f'<td class="{kind}" title="{why}">{said}</td><td class="cc-num">{words.share_pct(forecast.p_up)}</td>'
        f'<td class="cc-num">{interval}</td>{_came(row)}{_mark(call_came_true(row))}'
        f"{_mark(is_inside(forecast, row.outcome, level=0.8))}</tr>"
    )


def _came(row: LedgerItem) -> str:
    outcome = row.outcome
    if outcome is None:
        return '<td class="cc-num cc-dim">not yet</td>'
    if outcome.realised_close is None or outcome.realised_log_return is None:
        why = escape(outcome.unsettled_reason or "no candle closed at the target")
        return f'<td class="cc-num cc-warn" title="{why}">never known</td>'
    close, move = words.price(outcome.realised_close), words.move_pct(outcome.realised_log_return)
    return f'<td class="cc-num">{close} <small>{move}</small></td>'


def _mark(right: bool | None) -> str:
    if right is None:
        return '<td class="cc-dim">–</td>'
    return '<td class="cc-hit">✓ hit</td>' if right else '<td class="cc-miss">✗ miss</td>'
