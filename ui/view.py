"""What does the page know right now? One round of calls to the API; each answer or its error, side by side."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from candlecast.client import AsyncCandlecastClient, CandleQuery
from candlecast.errors import CandlecastError, InsufficientHistoryError
from candlecast.schemas import CandlePage, Forecast, ForecastItem, ForecastResult, Readiness, SymbolStatus

Answer = TypeVar("Answer")

CANDLES_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asks for; None, or what is not tracked, becomes the first tracked one."""

    symbol: str | None = None
    timeframe: str | None = None
    horizon: int = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """The series on show, and why it is another than the wanted one, if it is."""

    symbol: str
    timeframe: str
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """Everything one refresh found out; an error stands where its answer would."""

    choice: Choice | None
    symbols: list[SymbolStatus] | CandlecastError
    readiness: Readiness | CandlecastError
    candles: CandlePage | CandlecastError
    forecast: Forecast | CandlecastError
    watched: list[ForecastItem]
    watch: list[ForecastResult] | CandlecastError

    @property
    def status(self) -> SymbolStatus | None:
        """Return the tracked symbol on show, None when it is not known."""
        return _status(self.symbols, self.choice.symbol) if self.choice else None


async def load_view(client: AsyncCandlecastClient, wanted: Wanted) -> View:
    """Ask the API for all that the page shows; a failing part leaves the others alone."""
    symbols, readiness = await asyncio.gather(_attempt(client.symbols()), _attempt(client.readiness()))
    choice = choose(symbols, wanted)
    if choice is None:
        nothing = (
            symbols
            if isinstance(symbols, CandlecastError)
            else InsufficientHistoryError("no symbol has candles yet; the first backfill is still on its way")
        )
        return View(None, symbols, readiness, nothing, nothing, [], nothing)
    watched = _watched(symbols, choice, horizon=wanted.horizon)
    candles, forecast, watch = await asyncio.gather(
        _attempt(client.candles(CandleQuery(symbol=choice.symbol, timeframe=choice.timeframe, limit=CANDLES_SHOWN))),
        _attempt(client.forecast(choice.symbol, choice.timeframe, horizon=wanted.horizon)),
        _attempt(_watch(client, watched)),
    )
    return View(choice, symbols, readiness, candles, forecast, watched, watch)


def choose(symbols: Sequence[SymbolStatus] | CandlecastError, wanted: Wanted) -> Choice | None:
    """Return the series to show: the wanted one where it is tracked, else the first one, with a notice.

    While the tracked symbols are unknown the wanted series is believed; None when nothing is known.
    """
    symbol, timeframe = wanted.symbol, wanted.timeframe
    if isinstance(symbols, CandlecastError):
        return Choice(symbol, timeframe) if symbol and timeframe else None
    if not symbols:
        return None
    status = _status(symbols, symbol) or symbols[0]
    frames = status.timeframes or ["1h"]
    frame = timeframe if timeframe in frames else frames[0]
    refused = []
    if symbol and status.symbol != symbol:
        refused.append(f"symbol {symbol[:40]!r} is not tracked")
    if timeframe and timeframe != frame:
        refused.append(f"timeframe {timeframe[:8]!r} is not followed for {status.symbol}")
    notice = f"{' and '.join(refused)}; showing {status.symbol} {frame}." if refused else None
    return Choice(status.symbol, frame, notice)


def _status(symbols: Sequence[SymbolStatus] | CandlecastError, name: str | None) -> SymbolStatus | None:
    if isinstance(symbols, CandlecastError):
        return None
    return next((status for status in symbols if status.symbol == name), None)


def _watched(symbols: Sequence[SymbolStatus] | CandlecastError, choice: Choice, *, horizon: int) -> list[ForecastItem]:
    names = [choice.symbol]
    if not isinstance(symbols, CandlecastError):
        names = [status.symbol for status in symbols if choice.timeframe in status.timeframes] or names
    return [ForecastItem(symbol=name, timeframe=choice.timeframe, horizon=horizon) for name in names]


async def _watch(client: AsyncCandlecastClient, items: Sequence[ForecastItem]) -> list[ForecastResult]:
    return (await client.forecasts(items)).items


async def _attempt(call: Awaitable[Answer]) -> Answer | CandlecastError:
    try:
        return await call
    except CandlecastError as error:
        return error
