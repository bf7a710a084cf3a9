"""What happens at a refresh of the dashboard? Each round asks what its panels need and returns their values."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from candlecast.errors import CandlecastError, InsufficientHistoryError
from candlecast.schemas import SymbolStatus
from ui.address import Address
from ui.chart.panes import Panes
from ui.chart.value import chart_value
from ui.dashboard import stage
from ui.dashboard.choice import Choice, choose, status_of
from ui.dashboard.data_card import data_card
from ui.dashboard.facts import DataState, Watched
from ui.dashboard.headlines_card import TITLE, headlines_card
from ui.dashboard.loading import load_news, load_readiness, load_symbols, load_watched
from ui.dashboard.sentiment_card import sentiment_card
from ui.dashboard.title import bare_title
from ui.dashboard.watch_card import watch_card
from ui.panels import all_known, empty, failed, filled
from ui.preferences import Preferences
from ui.site import Site

Round = Callable[..., Awaitable[tuple[Any, ...]]]

_NOTHING_FOLLOWED = "no symbol has candles yet; the first backfill is still on its way"


def stage_round(site: Site) -> Round:
    """Return what fills title, tools, chart, forecast, reasons and record; it takes what the tab shows and holds."""

    async def refresh(address: Address, preferences: Preferences, shown: str, held: str) -> tuple[str, ...]:
        symbols = await load_symbols(site)
        choice = _choice(symbols, address, preferences, shown=shown)
        if choice is None:
            return _no_stage(symbols)
        names = address.words("ind") if address.has("ind") else preferences.indicators
        panes = Panes.of(names, log=address.has("log"), heikin=address.has("ha"))
        status = status_of(symbols, choice.symbol)

        async def render() -> tuple[str, ...]:
            found = await stage.load_stage(site, choice, panes=panes, status=status)
            return (
                stage.head_text(found),
                stage.tools_text(found),
                stage.chart_text(found, site.figures, held=held),
                *stage.forecast_texts(found),
            )

        return await site.answers.get(("stage", choice, panes, held), render, keep=_stage_known)

    return refresh


def watch_round(site: Site) -> Round:
    """Return what fills the watchlist and the state of the data; it takes what the tab shows."""

    async def refresh(address: Address, preferences: Preferences, shown: str) -> tuple[str, str]:
        symbols, readiness = await asyncio.gather(load_symbols(site), load_readiness(site))
        choice = _choice(symbols, address, preferences, shown=shown)
        if isinstance(symbols, CandlecastError) or choice is None:
            error = _reason(symbols)
            return failed(error, title="Watchlist", about="watchlist"), failed(error, title="Data", about="data")
        names = _names(symbols, choice, preferences)

        async def render() -> tuple[str, str]:
            lines = await load_watched(site, symbols, names=names, timeframe=choice.followed)
            state = DataState(symbols, readiness, {line.symbol: line.n_missing or 0 for line in lines})
            return _watchlist(lines, choice), filled(data_card(state), about="data")

        # an unready service is looked at anew each time
        key = ("watchlist", choice.symbol, choice.followed, tuple(names))
        return await site.answers.get(key, render, keep=lambda _: not isinstance(readiness, CandlecastError))

    return refresh


def news_round(site: Site) -> Round:
    """Return what fills headlines and sentiment; it takes what the tab shows."""

    async def refresh(address: Address, preferences: Preferences, shown: str) -> tuple[str, str]:
        symbols = await load_symbols(site)
        choice = _choice(symbols, address, preferences, shown=shown)
        if choice is None:
            reason = str(_reason(symbols))
            return empty(TITLE, reason), empty("Sentiment", reason)
        about = choice.symbol

        async def render() -> tuple[str, str]:
            found = await load_news(site, about)
            if isinstance(found, CandlecastError):
                return failed(found, title=TITLE, about=about), failed(found, title="Sentiment", about=about)
            return filled(headlines_card(found), about=about), filled(sentiment_card(found.summary), about=about)

        return await site.answers.get(("mood", about), render, keep=all_known)

    return refresh


def _choice(
    symbols: Sequence[SymbolStatus] | CandlecastError, address: Address, preferences: Preferences, *, shown: str
) -> Choice | None:
    symbol, timeframe = address.text("symbol"), address.text("tf") or preferences.timeframe
    if isinstance(symbols, CandlecastError):
        # what the tab shows is still what it is about
        on_show, _, frame = shown.rpartition(" ")
        return choose(symbols, symbol=symbol or on_show, timeframe=timeframe or frame)
    return choose(symbols, symbol=symbol, timeframe=timeframe)


def _names(symbols: Sequence[SymbolStatus], choice: Choice, preferences: Preferences) -> list[str]:
    tracked = [status.symbol for status in symbols if choice.followed in (status.timeframes or ["1h"])]
    wanted = [name for name in preferences.watchlist if name in tracked] or tracked
    return wanted if choice.symbol in wanted else [choice.symbol, *wanted]


def _watchlist(lines: Sequence[Watched], choice: Choice) -> str:
    return filled(watch_card(lines, chosen=choice.symbol), about="watchlist")


def _no_stage(symbols: Sequence[SymbolStatus] | CandlecastError) -> tuple[str, ...]:
    error = _reason(symbols)
    chart = chart_value(key="", label="no chart", figure=None, note=str(error))
    return filled(bare_title()), filled(""), chart, failed(error, title="Forecast"), filled(""), filled("")


def _stage_known(texts: Sequence[str]) -> bool:
    return all_known(texts) and '"figure":null' not in texts[2]


def _reason(symbols: Sequence[SymbolStatus] | CandlecastError) -> CandlecastError:
    return symbols if isinstance(symbols, CandlecastError) else InsufficientHistoryError(_NOTHING_FOLLOWED)
