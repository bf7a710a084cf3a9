"""What does a chart need to know? Candles with the running one, indicators, forecast and news, asked side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from candlecast.errors import CandlecastError
from candlecast.queries import CandleQuery, NewsFilter
from candlecast.schemas import CandlePage, Forecast, IndicatorSeries, NewsItem
from ui.chart.panes import Panes
from ui.panels import attempt
from ui.site import Site

STORIES_SHOWN = 200

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Wish:
    """Which chart is wanted.

    Parameters
    ----------
    symbol, timeframe : str
        The series.
    panes : Panes
        What is switched on.
    n_candles : int
        The newest that are asked for.
    forecast : bool
        Whether `timeframe` is a followed one, which has forecasts.
    """

    symbol: str
    timeframe: str
    panes: Panes
    n_candles: int = 500
    forecast: bool = True


@dataclass(frozen=True, slots=True)
class ChartParts:
    """What a chart is made of; an error stands where its part would, None where none is wanted."""

    candles: CandlePage | CandlecastError
    indicators: IndicatorSeries | CandlecastError | None
    forecast: Forecast | CandlecastError | None
    stories: Sequence[NewsItem] | CandlecastError

    @property
    def failures(self) -> tuple[CandlecastError, ...]:
        """The errors of parts without which the chart can be drawn."""
        parts = (self.indicators, self.forecast, self.stories)
        return tuple(part for part in parts if isinstance(part, CandlecastError))


async def load_chart(site: Site, wish: Wish) -> ChartParts:
    """Ask for everything that a chart shows; a failing part leaves the others alone."""
    candles, indicators, forecast, stories = await asyncio.gather(
        load_candles(site, wish), _load_indicators(site, wish), _load_forecast(site, wish), _load_stories(site, wish)
    )
    return ChartParts(candles, indicators, forecast, stories)


async def load_candles(site: Site, wish: Wish) -> CandlePage | CandlecastError:
    """Return the newest candles of the series, and the running one where it is known."""
    query = CandleQuery(symbol=wish.symbol, timeframe=wish.timeframe, limit=wish.n_candles, include_partial=True)
    return await _asked(site, query, lambda: site.client.candles(query))


async def _load_indicators(site: Site, wish: Wish) -> IndicatorSeries | CandlecastError | None:
    groups = wish.panes.groups
    if not groups:
        return None

    async def ask() -> IndicatorSeries:
        return await site.client.indicators(wish.symbol, wish.timeframe, names=groups, limit=wish.n_candles)

    return await _asked(site, ("indicators", wish.symbol, wish.timeframe, groups, wish.n_candles), ask)


async def _load_forecast(site: Site, wish: Wish) -> Forecast | CandlecastError | None:
    if not wish.forecast:
        return None
    key = ("forecast", wish.symbol, wish.timeframe, site.horizon)
    return await _asked(site, key, lambda: site.client.forecast(wish.symbol, wish.timeframe, horizon=site.horizon))


async def _load_stories(site: Site, wish: Wish) -> Sequence[NewsItem] | CandlecastError:
    if not wish.panes.news:
        return ()
    wanted = NewsFilter(symbol=wish.symbol, limit=STORIES_SHOWN)
    found = await _asked(site, wanted, lambda: site.client.news(wanted))
    return found if isinstance(found, CandlecastError) else found.items


async def _asked(site: Site, key: Hashable, ask: Callable[[], Awaitable[Answer]]) -> Answer | CandlecastError:
    return await attempt(site.answers.get(key, ask))
