"""Answers what is stored: symbols, their freshness, and pages of candles."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pandas as pd

from candlecast.clock import Clock
from candlecast.errors import InvalidRequestError, UnknownSymbolError
from candlecast.market.calendars import ALWAYS_OPEN, target_time
from candlecast.market.resampling import coarser_timeframes
from candlecast.market.series_store import SeriesPage, SeriesStore, wire_candles
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.queries import CandleQuery
from candlecast.schemas import Candle, CandlePage, SymbolStatus
from candlecast.storage.postgres.candles import CandleStore, NewestCandle


class MarketReader:
    """Reads symbols and candles as of the market time.

    Parameters
    ----------
    symbols : mapping of str to (Symbol, int)
        The followed symbols and their database ids, by name.
    timeframe : str
        The followed timeframe.
    clock : Clock
        Market time; nothing later is ever answered.
    candles : CandleStore
        Stored candles.
    """

    def __init__(
        self, *, symbols: Mapping[str, tuple[Symbol, int]], timeframe: str, clock: Clock, candles: CandleStore
    ) -> None:
        self._symbols = symbols
        self._timeframe = timeframe
        self._clock = clock
        self._candles = candles
        self._series = SeriesStore(candles, followed=timeframe)

    @property
    def timeframe(self) -> str:
        """The followed timeframe."""
        return self._timeframe

    @property
    def names(self) -> tuple[str, ...]:
        """The followed symbols, in the order in which they were given."""
        return tuple(self._symbols)

    async def newest(self) -> dict[str, NewestCandle]:
        """Return the newest closed candle of each followed symbol that has any."""
        found = await asyncio.to_thread(self._candles.newest, self._timeframe, until=self._clock.now())
        return {name: candle for name, candle in found.items() if name in self._symbols}

    def late(self, newest: Mapping[str, NewestCandle], now: datetime) -> list[str]:
        """Return the symbols whose next candle should have closed more than a tenth of a timeframe ago."""
        grace = timedelta(seconds=timeframe_s(self._timeframe) / 10)
        return [name for name, candle in newest.items() if self._next_close(name, candle) + grace < now]

    def _next_close(self, name: str, candle: NewestCandle) -> datetime:
        calendar = self._symbols[name][0].calendar
        return target_time(candle.close_time, timeframe=self._timeframe, horizon=1, calendar=calendar)

    async def symbols(self, *, model_ready: bool) -> list[SymbolStatus]:
        """Return the state of every followed symbol, in the order in which they were given."""
        newest, now = await self.newest(), self._clock.now()
        return [
            SymbolStatus(
                symbol=name,
                asset_class=symbol.asset_class,
                venue=symbol.venue,
                timeframes=[self._timeframe],
                chart_timeframes=coarser_timeframes(self._timeframe),
                newest_candle=newest[name].close_time if name in newest else None,
                data_age_s=(now - newest[name].close_time).total_seconds() if name in newest else None,
                source=newest[name].source if name in newest else None,
                quality=newest[name].quality if name in newest else None,
                model_ready=model_ready,
            )
            for name, (symbol, _) in self._symbols.items()
        ]

    def symbol_id(self, name: str) -> int:
        """Return the database number of a followed symbol.

        Raises
        ------
        UnknownSymbolError
            When it is not followed; names the near ones.
        """
        if name not in self._symbols:
            raise UnknownSymbolError(name, self._symbols)
        return self._symbols[name][1]

    def holds_s(self, symbol: str, timeframe: str, *, newest: datetime | None, until: datetime | None = None) -> float:
        """Return for how many wall seconds an answer about stored candles holds: until the next one closes.

        Parameters
        ----------
        symbol, timeframe : str
            A followed symbol and a known timeframe.
        newest : datetime or None
            Close of the newest candle in the answer; None: it has none.
        until : datetime or None
            Latest close that belongs into the answer; None: every later one does.

        Returns
        -------
        float
            0 when a newer candle is due already or none is known, infinity when none will ever come.
        """
        if newest is None:
            return 0.0
        calendar, now = self._symbols[symbol][0].calendar, self._clock.now()
        due = target_time(newest, timeframe=timeframe, horizon=1, calendar=calendar)
        if until is not None and due > until:
            step_s = timeframe_s(timeframe)
            newest = now if calendar != ALWAYS_OPEN else now - timedelta(seconds=now.timestamp() % step_s)
            due = target_time(newest, timeframe=timeframe, horizon=1, calendar=calendar)
        return self._clock.wall_s_until(due)

    async def candles(self, query: CandleQuery) -> CandlePage:
        """Return one page of candles, ascending.

        Without `start` and `cursor` it is the newest page before `end`, else the first page after
        them; `next_cursor` is None on the last page.

        Raises
        ------
        UnknownSymbolError, InvalidRequestError
            When the query names something that is not followed or its bounds make no sense.
        """
        timeframe_s(query.timeframe)
        series = self._series_of(query.symbol)
        start, end = _aware("start", query.start), _aware("end", query.end)
        if start is not None and end is not None and start >= end:
            raise InvalidRequestError(f"start must be before end, was {start.isoformat()} and {end.isoformat()}")
        after, until = _cursor(query), min(end or self._clock.now(), self._clock.now())
        if start is None and after is None:
            newest = asyncio.to_thread(self._series.newest, series, query.timeframe, until=until, limit=query.limit)
            return _page(query, SeriesPage(await newest, None))
        page = asyncio.to_thread(
            self._series.page, series, query.timeframe, start=after or start, until=until, limit=query.limit
        )
        return _page(query, await page)

    def newest_candles(self, symbol: str, timeframe: str, *, limit: int) -> pd.DataFrame:
        """Return the newest closed candles, ascending, as `CandleStore.read` does; blocks.

        Raises
        ------
        UnknownSymbolError, InvalidRequestError
            When the symbol is not followed or the timeframe is unknown.
        """
        return self._series.newest(self._series_of(symbol), timeframe, until=self._clock.now(), limit=limit)

    async def running(self, symbol: str, timeframe: str, *, part: Candle | None) -> Candle | None:
        """Return the running candle, `part` being that of the followed timeframe; None where it is not known."""
        if timeframe == self._timeframe or not self._series.is_made(timeframe):
            return part if timeframe == self._timeframe else None
        series = self._series_of(symbol)
        return await asyncio.to_thread(self._series.running, series, timeframe, now=self._clock.now(), part=part)

    def _series_of(self, name: str) -> tuple[Symbol, int]:
        self.symbol_id(name)
        return self._symbols[name]


def _page(query: CandleQuery, found: SeriesPage) -> CandlePage:
    return CandlePage(
        symbol=query.symbol,
        timeframe=query.timeframe,
        candles=wire_candles(found.candles),
        next_cursor=None if found.resume is None else f"{found.resume.timestamp():.0f}",
    )


def _cursor(query: CandleQuery) -> datetime | None:
    if query.cursor is None:
        return None
    try:
        return datetime.fromtimestamp(int(query.cursor), UTC) + timedelta(microseconds=1)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidRequestError(
            f"cursor {query.cursor[:20]!r} is not a cursor; take next_cursor of the page before"
        ) from error


def _aware(name: str, moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        text = moment.isoformat()
        raise InvalidRequestError(f"{name} must carry a time zone, was {text}; write {text}Z")
    return moment
