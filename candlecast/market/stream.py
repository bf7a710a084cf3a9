"""How is a stream watched? It ends with an error when it is lost, and also when it falls silent."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence

from candlecast.errors import SourceUnavailableError
from candlecast.market.symbols import Symbol
from candlecast.market.venues.protocol import CandleUpdate, Venue


async def watch_stream(
    venue: Venue, symbols: Sequence[Symbol], timeframe: str, *, silence_s: float
) -> AsyncGenerator[CandleUpdate, None]:
    """Yield what `venue` pushes, until its stream is lost or dead.

    Parameters
    ----------
    venue : Venue
        One that streams.
    symbols : sequence of Symbol
        All over one connection.
    timeframe : str
        Of their candles.
    silence_s : float
        Wall seconds without any message after which the stream is dead: a socket may stay open and
        say nothing for ever, without an error.

    Raises
    ------
    SourceError
        When the stream is lost or dead. The caller fills the hole, then calls again.
    """
    stream = venue.stream_candles(symbols, timeframe)
    async with contextlib.aclosing(stream):
        while True:
            try:
                async with asyncio.timeout(silence_s):
                    update = await anext(stream)
            except StopAsyncIteration:
                raise SourceUnavailableError(f"{venue.name} ended its stream; connecting again") from None
            except TimeoutError:
                raise SourceUnavailableError(
                    f"{venue.name} was silent on its stream for {silence_s:.3g} s; connecting again"
                ) from None
            yield update
