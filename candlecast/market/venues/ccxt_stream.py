"""A stream of candles through ccxt: one connection, closed candles known at once, an end that is never silent."""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from candlecast.errors import SourceUnavailableError
from candlecast.market.symbols import Symbol
from candlecast.market.venues.broken import moment_in_ms
from candlecast.market.venues.ccxt_client import close_client
from candlecast.market.venues.ccxt_errors import translated
from candlecast.market.venues.dialects.dialect import Dialect, PushedCandle
from candlecast.market.venues.protocol import CandleUpdate
from candlecast.market.venues.update_buffer import UpdateBuffer

ReadMessage = Callable[[Any], Iterable[PushedCandle] | None]


async def stream_updates(
    client: Any, dialect: Dialect, names: Mapping[str, Symbol], timeframe: str
) -> AsyncGenerator[CandleUpdate]:
    """Yield what a venue pushes until the connection is lost; then raise, after all that had come.

    Parameters
    ----------
    client : Any
        ccxt's client for this stream alone, with markets loaded; it is closed at the end.
    dialect : Dialect
        How the venue is spoken to.
    names : mapping of str to Symbol
        What the venue calls the symbols.
    timeframe : str
        Of their candles.

    Raises
    ------
    SourceError
        When the connection cannot be made, or is lost.
    """
    buffer = UpdateBuffer()
    watching = [asyncio.ensure_future(call) for call in _watch(client, dialect, names, timeframe, buffer)]
    for call in watching:
        call.add_done_callback(buffer.end)
    try:
        while not buffer.ended:
            await buffer.wait()
            while buffer:
                yield buffer.pop()
        _raise_end(str(client.name), watching)
    finally:
        for call in watching:
            call.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        await close_client(client)


def _watch(
    client: Any, dialect: Dialect, names: Mapping[str, Symbol], timeframe: str, buffer: UpdateBuffer
) -> list[Coroutine[Any, Any, Any]]:
    # The calls that live as long as the connection: they end with its failure only.
    if dialect.read_message is None:
        return [_follow(client, name, symbol, timeframe, buffer) for name, symbol in names.items()]
    symbols = {str(client.markets[name]["id"]): symbol for name, symbol in names.items()}
    client.handle_message = partial(_take, client.handle_message, dialect.read_message, symbols, buffer)
    wanted, at_once = [[name, timeframe] for name in names], dialect.subscribe_at_once
    parts = (wanted[place : place + at_once] for place in range(0, len(wanted), at_once))
    return [client.watch_ohlcv_for_symbols(part) for part in parts]


def _take(
    handle: Callable[[Any, Any], None],
    read_message: ReadMessage,
    symbols: Mapping[str, Symbol],
    buffer: UpdateBuffer,
    socket: Any,
    message: Any,
) -> None:
    # Candles end here: ccxt would forget whether they are closed, and wake a waiter a symbol for each.
    candles = read_message(message)
    if candles is None:
        handle(socket, message)
        return
    for candle in candles:
        symbol = symbols.get(candle.market_id)
        if symbol is not None:
            buffer.push(CandleUpdate(symbol, moment_in_ms(candle.open_ms) * 1_000, candle.values, candle.closed))


async def _follow(client: Any, name: str, symbol: Symbol, timeframe: str, buffer: UpdateBuffer) -> None:
    while True:
        rows = await client.watch_ohlcv(name, timeframe)
        opened_ms, *prices, volume = rows[-1][:6]
        first, high, low, close = (float(price) for price in prices)
        values = (first, high, low, close, math.nan if volume is None else float(volume))
        buffer.push(CandleUpdate(symbol, moment_in_ms(opened_ms) * 1_000, values, closed=False))


def _raise_end(title: str, watching: Sequence[asyncio.Future[Any]]) -> None:
    failures = [call.exception() for call in watching if call.done() and not call.cancelled()]
    failure = next((failure for failure in failures if failure is not None), None)
    with translated(title, trouble="lost its stream"):
        raise failure or SourceUnavailableError(f"{title} ended its stream")
