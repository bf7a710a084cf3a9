"""Whose record is on show? A bar to choose symbol, window, model and horizon, and to take the rows along."""

from html import escape

from candlecast.errors import CandlecastError
from candlecast.schemas import TrackRecord
from ui.record.found import FoundRecord
from ui.record.wanted import WINDOWS


def choices_text(found: FoundRecord) -> str:
    """Return the bar, with what is chosen marked."""
    return (
        '<div class="cc-filters" role="group" aria-label="Whose record">'
        f"{_symbols(found)}{_windows(found)}{_horizons(found)}{_files(found)}</div>"
    )


def _symbols(found: FoundRecord) -> str:
    known = [] if isinstance(found.symbols, CandlecastError) else [status.symbol for status in found.symbols]
    chosen = found.wanted.symbol
    names = list(dict.fromkeys([*known, *([chosen] if chosen else [])]))
    lines = "".join(
        f'<option value="{escape(name)}"{" selected" if name == chosen else ""}>{escape(name)}</option>'
        for name in names
    )
    return (
        '<label class="cc-pick"><span>Symbol</span><select id="cc-record-symbol" data-go-name="symbol">'
        f'<option value="">All symbols</option>{lines}</select></label>'
    )


def _windows(found: FoundRecord) -> str:
    buttons = "".join(
        f'<button type="button" class="cc-button" data-go="window={name}" '
        f'aria-pressed="{str(name == found.wanted.window).lower()}">{said}</button>'
        for name, said in WINDOWS.items()
    )
    return _group("Window", buttons)


def _horizons(found: FoundRecord) -> str:
    if isinstance(found.all, CandlecastError) or found.choice is None:
        return ""
    series = list(dict.fromkeys((one.timeframe, one.horizon) for one in found.all.items))
    buttons = "".join(_horizon(timeframe, horizon, found.choice) for timeframe, horizon in series)
    return _group("Candles ahead", buttons) if len(series) > 1 else ""


def _horizon(timeframe: str, horizon: int, choice: TrackRecord) -> str:
    on = (timeframe, horizon) == (choice.timeframe, choice.horizon)
    go = escape(f"tf={timeframe}&horizon={horizon}&model=")
    said = f"{horizon} × {escape(timeframe)}"
    return f'<button type="button" class="cc-button" data-go="{go}" aria-pressed="{str(on).lower()}">{said}</button>'


def _files(found: FoundRecord) -> str:
    if found.choice is None:
        return ""
    address = escape(f"exports/ledger.csv?{found.wanted.query(found.choice)}")
    ledger = f'<a class="cc-button" id="cc-record-csv" href="{address}" download>CSV of the ledger</a>'
    return f'<div class="cc-picks">{ledger}<a class="cc-button" href="#method">Method</a></div>'


def _group(name: str, buttons: str) -> str:
    return (
        f'<div class="cc-pick" role="group" aria-label="{name}"><span>{name}</span>'
        f'<div class="cc-picks">{buttons}</div></div>'
    )
