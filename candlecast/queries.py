"""What may be asked of the API page by page? The same for its clients and for what answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class CandleQuery:
    """Which candles are wanted: the newest `limit`, or those of a time span.

    Parameters
    ----------
    symbol, timeframe : str
        As ``BTC/USDT`` and ``1h``.
    start, end : datetime or None
        Aware: earliest open time and latest close time, both inclusive; None: open.
    limit : int
        Most candles of one page.
    cursor : str or None
        `CandlePage.next_cursor` of the page before.
    include_partial : bool
        Tell the running candle too, where it is known.
    """

    symbol: str
    timeframe: str
    start: datetime | None = None
    end: datetime | None = None
    limit: int = 500
    cursor: str | None = None
    include_partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsFilter:
    """Which stories are wanted; None stands for any.

    Parameters
    ----------
    symbol : str or None
        Stories about this followed symbol.
    source : str or None
        Stories that this outlet told.
    min_score, max_score : float or None
        Lowest and highest score, -1 to 1; with either, stories without a score are left out.
    label : str or None
        What the engine called the story: ``negative``, ``neutral`` or ``positive``.
    text : str or None
        Words that all occur in the title, in any order, in capitals or not.
    cursor : str or None
        ``next_cursor`` of the page before.
    limit : int
        Most stories in one page.
    """

    symbol: str | None = None
    source: str | None = None
    min_score: float | None = None
    max_score: float | None = None
    label: Literal["negative", "neutral", "positive"] | None = None
    text: str | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerQuery:
    """Which recorded forecasts are wanted; None stands for any.

    Parameters
    ----------
    timeframe : str
        As ``1h``.
    symbol : str or None
        As ``BTC/USDT``.
    horizon : int or None
        Candles ahead.
    model : str or None
        Id of the model that made them.
    start, end : datetime or None
        Aware bounds of the target time, both inclusive; None: open.
    limit : int
        Most rows of one page.
    cursor : str or None
        `LedgerPage.next_cursor` of the page before.
    """

    timeframe: str
    symbol: str | None = None
    horizon: int | None = None
    model: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecordQuery:
    """Whose record is wanted; None stands for any.

    Parameters
    ----------
    symbol, timeframe, model : str or None
        One symbol, timeframe or model only.
    horizon : int or None
        Candles ahead.
    window : str
        Days back, as ``30d``, or ``all``.
    by_symbol : bool
        One record for each symbol, not all together.
    days : bool
        Tell what each day came to as well.
    """

    symbol: str | None = None
    timeframe: str | None = None
    horizon: int | None = None
    model: str | None = None
    window: str = "30d"
    by_symbol: bool = False
    days: bool = False
