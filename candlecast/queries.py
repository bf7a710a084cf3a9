"""What may be asked of the API page by page? The same for its clients and for what answers."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CandleQuery:
    """Which candles are wanted: the newest `limit`, or those of a time span.

    Parameters
    ----------
    symbol, timeframe : str
        As ``BTC/USDT`` and ``1h``.
    start, end : datetime or None
        Aware bounds of the open time, ``[start, end)``; None: open.
    limit : int
        Most candles of one page.
    cursor : str or None
        `CandlePage.next_cursor` of the page before.
    """

    symbol: str
    timeframe: str
    start: datetime | None = None
    end: datetime | None = None
    limit: int = 500
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsFilter:
    """Which stories are wanted; None stands for any.

    Parameters
    ----------
    symbol : str or None
        Stories about this followed symbol.
    source : str or None
        Stories that this outlet told.
    min_score : float or None
        Lowest score, -1 to 1; with it, stories without a score are left out.
    cursor : str or None
        ``next_cursor`` of the page before.
    limit : int
        Most stories in one page.
    """

    symbol: str | None = None
    source: str | None = None
    min_score: float | None = None
    cursor: str | None = None
    limit: int = 50
