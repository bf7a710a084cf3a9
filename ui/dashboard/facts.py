"""What does the dashboard know of one series? Answers of the API side by side, each or its error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from candlecast.errors import CandlecastError
from candlecast.schemas import (
    CandlePage,
    Forecast,
    NewsItem,
    Price,
    Readiness,
    SentimentSummary,
    SymbolStatus,
    TrackRecord,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """How one model did on one symbol, and what trading costs.

    Parameters
    ----------
    record : TrackRecord or None
        None while no forecast of it was recorded.
    cost_bps : float
        Of buying or selling one unit.
    """

    record: TrackRecord | None
    cost_bps: float


@dataclass(frozen=True, slots=True)
class News:
    """What the news say about one symbol, and the stories of the window, the newest first."""

    summary: SentimentSummary
    stories: Sequence[NewsItem]


@dataclass(frozen=True, slots=True)
class Watched:
    """One line of the watchlist; None stands for what is not known.

    Parameters
    ----------
    symbol : str
        Whose line it is.
    status : SymbolStatus or None
        Where its candles come from.
    price : Price or None
        What it costs.
    forecast : Forecast or None
        What is expected of it.
    problem : str
        Why there is no forecast.
    closes : sequence of float
        The newest closes, ascending in time.
    n_missing : int or None
        Candles that are missing among them.
    """

    symbol: str
    status: SymbolStatus | None = None
    price: Price | None = None
    forecast: Forecast | None = None
    problem: str = ""
    closes: Sequence[float] = ()
    n_missing: int | None = None


@dataclass(frozen=True, slots=True)
class DataState:
    """How fresh and whole the data is.

    Parameters
    ----------
    statuses : sequence of SymbolStatus or CandlecastError
        All followed symbols.
    readiness : Readiness or CandlecastError
        How the service is.
    gaps : mapping of str to int
        Missing candles among the newest ones, by symbol, where they could be counted.
    """

    statuses: Sequence[SymbolStatus] | CandlecastError
    readiness: Readiness | CandlecastError
    gaps: Mapping[str, int]


def missing_candles(page: CandlePage, *, asset_class: str) -> int | None:
    """Return how many candles are missing between those of a page; None for stocks, whose nights are no gaps."""
    if asset_class != "crypto" or len(page.candles) < 2:
        return None
    first, last = page.candles[0], page.candles[-1]
    slots = (last.open_time - first.open_time) / (last.close_time - last.open_time)
    return max(0, round(slots) + 1 - len(page.candles))
