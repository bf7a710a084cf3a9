"""What is on show? The head of the chart: symbol, price, the move of a day, and where the newest candle came from."""

from html import escape

from candlecast.schemas import CandlePage, Price, SymbolStatus
from ui import words
from ui.dashboard.forecast_card import sign_class
from ui.origin import origin_text


def title_text(symbol: str, *, price: Price | None, page: CandlePage | None, status: SymbolStatus | None) -> str:
    """Return the head of the chart.

    Parameters
    ----------
    symbol : str
        What is on show.
    price : Price or None
        What it costs now, where known.
    page : CandlePage or None
        Its candles; they give price and move where no price is known.
    status : SymbolStatus or None
        Where its newest candle came from.
    """
    name = escape(symbol)
    now, change, span = _figures(price, page)
    figures = ""
    if now is not None:
        told = "" if change is None else change_text(symbol, price=now, change_pct=change)
        figures = (
            f'<span class="cc-num" data-price-symbol="{name}">{words.price(now)}</span>{told}<small>{span}</small>'
        )
    return f'<div class="cc-title"><h1>{name}</h1>{figures}{origin_text(status)}</div>'


def change_text(symbol: str, *, price: float, change_pct: float, tag: str = "span") -> str:
    """Return the move of a day, which follows the live price; `tag` is the element that holds it."""
    base = price / (1 + change_pct / 100)
    told = f'data-change-symbol="{escape(symbol)}" data-base="{base:.10g}"'
    return f'<{tag} class="cc-num {sign_class(change_pct)}" {told}>{words.signed(change_pct)} %</{tag}>'


def bare_title() -> str:
    """Return the head of a chart of which nothing is known, not even the symbol."""
    return '<div class="cc-title"><h1>Candlecast</h1></div>'


def _figures(price: Price | None, page: CandlePage | None) -> tuple[float | None, float | None, str]:
    if price is not None and price.change_24h_pct is not None:
        return price.price, price.change_24h_pct, "24 h"
    candles = page.candles if page else []
    if not candles:
        return (price.price if price else None), None, ""
    now = price.price if price else candles[-1].close
    older = [one.close for one in candles if (candles[-1].close_time - one.close_time).days >= 1]
    if not older:
        return now, None, ""
    return now, 100 * (now / older[-1] - 1), "since the close before" if page and page.timeframe == "1d" else "24 h"
