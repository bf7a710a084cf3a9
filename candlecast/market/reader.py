"""Answers what is stored: symbols, their freshness, and pages of candles."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from candlecast.clock import Clock
from candlecast.errors import InvalidRequestError, UnknownSymbolError
from candlecast.market.candles import Symbol, timeframe_s
from candlecast.schemas import Candle, CandlePage, SymbolStatus
from candlecast.storage.postgres.candles import CandleStore, NewestCandle


@dataclass(frozen=True, slots=True)
class CandleQuery:
    """Which candles are wanted.

    Parameters
    ----------
    symbol, timeframe : str
        As the caller wrote them.
    start, end : datetime, optional
        Bounds of the open time, `start` included, `end` not.
    limit : int
        Most candles in one page.
    cursor : str, optional
        ``next_cursor`` of the page before.
    """

    symbol: str
    timeframe: str
    start: datetime | None = None
    end: datetime | None = None
    limit: int = 500
    cursor: str | None = None


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

    @property
    def timeframe(self) -> str:
        """The followed timeframe."""
        return self._timeframe

    async def newest(self) -> dict[str, NewestCandle]:
        """Return the newest closed candle of each followed symbol that has any."""
        return await asyncio.to_thread(self._candles.newest, self._timeframe, until=self._clock.now())

    async def symbols(self, *, model_ready: bool) -> list[SymbolStatus]:
        """Return the state of every followed symbol, in the order in which they were given."""
        newest, now = await self.newest(), self._clock.now()
        return [
            SymbolStatus(
                symbol=name,
                asset_class=symbol.asset_class,
                venue=symbol.venue,
                timeframes=[self._timeframe],
                newest_candle=newest[name].close_time if name in newest else None,
                data_age_s=(now - newest[name].close_time).total_seconds() if name in newest else None,
                model_ready=model_ready,
            )
            for name, (symbol, _) in self._symbols.items()
        ]

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
        if query.symbol not in self._symbols:
            raise UnknownSymbolError(query.symbol, self._symbols)
        after, start = _cursor(query), _aware("start", query.start)
        end, now = _aware("end", query.end), self._clock.now()
        if start is not None and end is not None and start >= end:
            raise InvalidRequestError(f"start must be before end, was {start.isoformat()} and {end.isoformat()}")
        _, symbol_id = self._symbols[query.symbol]
        if start is None and after is None:
            frame = await asyncio.to_thread(
                self._candles.read, symbol_id, query.timeframe, until=now, end=end, limit=query.limit
            )
            return _page(query, frame, more=False)
        frame = await asyncio.to_thread(
            self._candles.page, symbol_id, query.timeframe, after=after, start=start, end=end, until=now,
            limit=query.limit + 1,
        )  # fmt: skip
        return _page(query, frame.iloc[: query.limit], more=len(frame) > query.limit)


def _page(query: CandleQuery, frame: pd.DataFrame, *, more: bool) -> CandlePage:
    rows = frame.astype({"volume": object}).where(frame.notna(), None).to_dict("records")
    wire = set(Candle.model_fields)
    candles = [Candle.model_validate({str(key): row[key] for key in row if key in wire}) for row in rows]
    return CandlePage(
        symbol=query.symbol,
        timeframe=query.timeframe,
        candles=candles,
        next_cursor=f"{candles[-1].open_time.timestamp():.0f}" if more else None,
    )


def _cursor(query: CandleQuery) -> datetime | None:
    if query.cursor is None:
        return None
    try:
        return datetime.fromtimestamp(int(query.cursor), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidRequestError(
            f"cursor {query.cursor[:20]!r} is not a cursor; take next_cursor of the page before"
        ) from error


def _aware(name: str, moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise InvalidRequestError(f"{name} must carry a time zone, was {moment.isoformat()}; write {moment.isoformat()}Z")
    return moment
