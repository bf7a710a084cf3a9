"""What do the followed symbols do? The watchlist: a line each, its way lately, its price, its call."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from candlecast.schemas import Forecast
from ui import words
from ui.dashboard.facts import Watched
from ui.dashboard.forecast_card import sign_class
from ui.dashboard.sparkline import sparkline
from ui.dashboard.title import change_text
from ui.origin import origin_mark
from ui.panels import card

_ARROWS = {"up": ("▲", "cc-up", "up"), "down": ("▼", "cc-down", "down"), "abstain": ("·", "", "no call")}


def watch_card(lines: Sequence[Watched], *, chosen: str) -> str:
    """Return the watchlist, one button a symbol; `chosen` is on show."""
    buttons = "".join(_button(line, on=line.symbol == chosen) for line in lines)
    return card("Watchlist", f'<div class="cc-watch" data-scroll="watchlist">{buttons}</div>', aside="24 h")


def _button(line: Watched, *, on: bool) -> str:
    name, _, currency = line.symbol.partition("/")
    kind = f"/{escape(currency)}" if currency else "stock"
    drawn = sparkline(line.closes, kind=_trend(line))
    return (
        f'<button type="button" data-symbol="{escape(line.symbol)}" data-go="symbol={quote(line.symbol, safe="")}" '
        f'aria-pressed="{str(on).lower()}"><span class="cc-name">{escape(name)}'
        f"<small>{kind}{origin_mark(line.status)}</small></span>"
        f'<span class="cc-way">{drawn}{_call(line)}</span>{_price(line)}</button>'
    )


def _trend(line: Watched) -> str:
    # of the same colour as the change beside it
    if line.price is not None and line.price.change_24h_pct is not None:
        return sign_class(line.price.change_24h_pct)
    return sign_class(line.closes[-1] - line.closes[0]) if line.closes else ""


def _call(line: Watched) -> str:
    if line.forecast is None:
        return f'<small title="{escape(line.problem)}">no forecast</small>'
    arrow, kind, said = _ARROWS[line.forecast.direction]
    told, share = _told(line.forecast, said), words.share_pct(line.forecast.p_up)
    return f'<small class="{kind}" title="{told}">{arrow} {share}</small>'


def _told(forecast: Forecast, said: str) -> str:
    span = words.horizon_words(forecast.timeframe, forecast.horizon).lower()
    return escape(f"{span}: {said}, P(up) {words.share_pct(forecast.p_up)}")


def _price(line: Watched) -> str:
    symbol = escape(line.symbol)
    price = line.price.price if line.price else line.closes[-1] if line.closes else None
    if price is None:
        return '<span class="cc-num" title="no price known">–</span>'
    change_pct = line.price.change_24h_pct if line.price else None
    change = "" if change_pct is None else change_text(line.symbol, price=price, change_pct=change_pct, tag="small")
    return f'<span class="cc-num"><b data-price-symbol="{symbol}">{words.price(price)}</b>{change}</span>'
