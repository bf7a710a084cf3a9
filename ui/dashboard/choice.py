"""Which series is on show? The one that the address names where it is followed, else the first one, with a notice."""

from collections.abc import Sequence
from dataclasses import dataclass

from candlecast.errors import CandlecastError
from candlecast.schemas import SymbolStatus


@dataclass(frozen=True, slots=True)
class Choice:
    """The series on show.

    Parameters
    ----------
    symbol : str
        Whose chart and forecast.
    timeframe : str
        Of the chart.
    followed : str
        Timeframe of the forecasts: the same one where it is followed.
    notice : str
        Why it is another series than the wanted one; "" where it is that one.
    """

    symbol: str
    timeframe: str
    followed: str
    notice: str = ""


def choose(
    symbols: Sequence[SymbolStatus] | CandlecastError, *, symbol: str = "", timeframe: str = ""
) -> Choice | None:
    """Return the series to show; what is wanted but not offered becomes the first that is.

    Parameters
    ----------
    symbols : sequence of SymbolStatus or CandlecastError
        What is followed; while that is unknown the wish is believed.
    symbol, timeframe : str
        The wish; "": any.

    Returns
    -------
    Choice or None
        None when nothing is known or followed.
    """
    if isinstance(symbols, CandlecastError):
        return Choice(symbol, timeframe, timeframe) if symbol and timeframe else None
    if not symbols:
        return None
    status = status_of(symbols, symbol) or symbols[0]
    followed, offered = status.timeframes or ["1h"], timeframes_of(status)
    frame = timeframe if timeframe in offered else followed[0]
    refused = []
    if symbol and status.symbol != symbol:
        refused.append(f"symbol {symbol[:40]!r} is not tracked")
    if timeframe and timeframe != frame:
        refused.append(f"timeframe {timeframe[:8]!r} is not followed for {status.symbol}")
    notice = f"{' and '.join(refused)}; showing {status.symbol} {frame}." if refused else ""
    return Choice(status.symbol, frame, frame if frame in followed else followed[0], notice)


def timeframes_of(status: SymbolStatus) -> list[str]:
    """Return the timeframes that a chart of the symbol can have, the followed ones first."""
    followed = status.timeframes or ["1h"]
    return [*followed, *(one for one in status.chart_timeframes if one not in followed)]


def status_of(symbols: Sequence[SymbolStatus] | CandlecastError, name: str) -> SymbolStatus | None:
    """Return one of the followed symbols, None when it is not known."""
    if isinstance(symbols, CandlecastError):
        return None
    return next((status for status in symbols if status.symbol == name), None)
