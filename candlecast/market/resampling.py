"""How do coarser candles come from stored ones? Whole groups only: a hole leaves its coarse candle out."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candlecast.market.calendars import (
    ALWAYS_OPEN,
    NOT_A_TIME,
    Microseconds,
    close_times,
    session_spans,
    to_microseconds,
    to_times,
)
from candlecast.market.timeframes import TIMEFRAMES_S, timeframe_s
from candlecast.schemas import Candle

# from the best to the worst: a coarse candle is as good as its worst part
_QUALITIES = ("stream", "rest", "failover", "late", "repaired")


def coarser_timeframes(timeframe: str) -> list[str]:
    """Return `timeframe` and the known ones that are whole multiples of it, ascending."""
    length_s = timeframe_s(timeframe)
    return [name for name, other_s in TIMEFRAMES_S.items() if other_s % length_s == 0]


def slot_opens(opens: pd.DatetimeIndex, *, timeframe: str, calendar: str) -> pd.DatetimeIndex:
    """Return when the candle of `timeframe` opens in which each of `opens` lies; NaT outside of sessions.

    Parameters
    ----------
    opens : DatetimeIndex, shape (n,)
        Ascending, UTC.
    timeframe : str
        Crypto slots lie on the grid of whole timeframes since 1970, those of a stock start at the
        session's open and end at its close at the latest; a day is the whole session.
    calendar : str
        ``24/7`` or a code of exchange_calendars.
    """
    times = to_microseconds(opens)
    step = timeframe_s(timeframe) * 1_000_000
    if calendar == ALWAYS_OPEN or not len(times):
        return to_times(times - times % step)
    first, last = opens[0].to_pydatetime(), opens[-1].to_pydatetime() + pd.Timedelta(microseconds=1)
    starts, ends = session_spans(first, last, calendar=calendar)
    if not len(starts):
        return to_times(np.full(len(times), NOT_A_TIME))
    place = np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)
    inside = (times >= starts[place]) & (times < ends[place])
    within = np.zeros_like(times) if timeframe == "1d" else (times - starts[place]) // step * step
    return to_times(np.where(inside, starts[place] + within, NOT_A_TIME))


def resample(candles: pd.DataFrame, *, timeframe: str, coarser: str, calendar: str) -> pd.DataFrame:
    """Return the closed candles of a coarser timeframe whose parts are all there; nothing is filled.

    Parameters
    ----------
    candles : DataFrame of shape (n, 10)
        Stored candles of `timeframe`, ascending, as `CandleStore.read` gives them.
    timeframe, coarser : str
        The timeframe of `candles` and a whole multiple of it.
    calendar : str
        ``24/7`` or a code of exchange_calendars.

    Returns
    -------
    DataFrame of shape (m, 10)
        Ascending. The source joins those of the parts by ``+``, the quality is that of the worst
        part; a volume of which a part is unknown is NaN.
    """
    slots = slot_opens(pd.DatetimeIndex(candles["open_time"]), timeframe=coarser, calendar=calendar)
    opened = to_microseconds(slots)
    starts, first, sizes = np.unique(opened, return_index=True, return_counts=True)
    if not len(starts):
        return candles
    ends = to_microseconds(close_times(to_times(starts), timeframe=coarser, calendar=calendar))
    step = timeframe_s(timeframe) * 1_000_000
    whole = (starts != NOT_A_TIME) & (sizes == -(-(ends - starts) // step))
    made = {
        "open_time": to_times(starts),
        "close_time": to_times(ends),
        "open": candles["open"].to_numpy()[first],
        "high": np.maximum.reduceat(candles["high"].to_numpy(), first),
        "low": np.minimum.reduceat(candles["low"].to_numpy(), first),
        "close": candles["close"].to_numpy()[first + sizes - 1],
        "volume": np.add.reduceat(candles["volume"].to_numpy(), first),
        "source": _sources(candles["source"], first, sizes),
        "quality": _worst(candles["quality"], first),
        "known_at": to_times(np.maximum.reduceat(to_microseconds(pd.DatetimeIndex(candles["known_at"])), first)),
    }
    found: pd.DataFrame = pd.DataFrame(made)[whole].reset_index(drop=True)
    return found


def merged(parts: Sequence[Candle], *, open_time: pd.Timestamp, close_time: pd.Timestamp) -> Candle | None:
    """Return the candle that still runs from `open_time` on, made of `parts`; None when they have a hole.

    Parameters
    ----------
    parts : sequence of Candle
        Ascending, from the first one of the slot to the newest, which may be running itself.
    open_time, close_time : Timestamp
        Of the slot.
    """
    ends = [open_time.to_pydatetime(), *(part.close_time for part in parts)]
    if not parts or any(part.open_time != end for part, end in zip(parts, ends, strict=False)):
        return None
    volumes = [part.volume for part in parts]
    return Candle(
        open_time=open_time.to_pydatetime(),
        close_time=close_time.to_pydatetime(),
        open=parts[0].open,
        high=max(part.high for part in parts),
        low=min(part.low for part in parts),
        close=parts[-1].close,
        volume=None if None in volumes else sum(volume for volume in volumes if volume is not None),
        source="+".join(dict.fromkeys(part.source for part in parts)),
        quality="partial",
    )


def parts_in(timeframe: str, coarser: str) -> int:
    """Return how many candles of `timeframe` one of `coarser` has at most."""
    return timeframe_s(coarser) // timeframe_s(timeframe)


def covered_until(parts: pd.DataFrame, *, coarser: str, calendar: str) -> Microseconds:
    """Return the opens of the slots of `coarser` that end by the close of the last of `parts`, ascending."""
    slots = slot_opens(pd.DatetimeIndex(parts["open_time"]), timeframe=coarser, calendar=calendar)
    starts = to_times(np.unique(to_microseconds(slots[slots.notna()])))
    ends = close_times(starts, timeframe=coarser, calendar=calendar)
    return to_microseconds(starts[ends <= parts["close_time"].iloc[-1]])


def _sources(sources: pd.Series, first: NDArray[np.intp], sizes: NDArray[np.intp]) -> list[str]:
    values = sources.to_numpy(dtype=object)
    if len(set(values)) == 1:
        return [str(values[0])] * len(first)
    groups = (values[start : start + size] for start, size in zip(first, sizes, strict=True))
    return ["+".join(dict.fromkeys(map(str, group))) for group in groups]


def _worst(qualities: pd.Series, first: NDArray[np.intp]) -> list[str]:
    order = list(dict.fromkeys((*_QUALITIES, *sorted(map(str, qualities.unique())))))
    ranks = qualities.map({name: rank for rank, name in enumerate(order)}).to_numpy(dtype=np.int64)
    return [order[rank] for rank in np.maximum.reduceat(ranks, first)]
