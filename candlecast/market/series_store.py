"""Which candles has a series? Those of the followed timeframe as they are stored, coarser ones made of them."""

from dataclasses import dataclass
from datetime import datetime
from math import isnan

import pandas as pd

from candlecast.market.calendars import close_times, to_times
from candlecast.market.resampling import covered_until, merged, parts_in, resample, slot_opens
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.schemas import Candle
from candlecast.storage.postgres.candles import CandleStore

MOST_PARTS = 60_000
"""Stored candles that one answer about a coarser timeframe reads at most."""


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """Some candles of a series, ascending; `resume` is the open behind which the next page starts, None: no more."""

    candles: pd.DataFrame
    resume: datetime | None


class SeriesStore:
    """Reads candles of the followed timeframe and of its multiples; another timeframe is what is stored of it.

    Parameters
    ----------
    candles : CandleStore
        Stored candles.
    followed : str
        The followed timeframe.
    """

    def __init__(self, candles: CandleStore, *, followed: str) -> None:
        self._candles = candles
        self._followed = followed

    def newest(self, series: tuple[Symbol, int], timeframe: str, *, until: datetime, limit: int) -> pd.DataFrame:
        """Return the newest candles that had closed at `until`, at most `limit`, as `CandleStore.read` does.

        Of a coarser timeframe they are made of the newest `MOST_PARTS` stored ones at most.
        """
        symbol, symbol_id = series
        if not self.is_made(timeframe):
            return self._candles.read(symbol_id, timeframe, until=until, limit=limit)
        n_parts = min(MOST_PARTS, (limit + 1) * parts_in(self._followed, timeframe))
        parts = self._candles.read(symbol_id, self._followed, until=until, limit=n_parts)
        return self._made(parts, symbol, timeframe).iloc[-limit:].reset_index(drop=True)

    def page(
        self, series: tuple[Symbol, int], timeframe: str, *, start: datetime | None, until: datetime, limit: int
    ) -> SeriesPage:
        """Return the oldest candles that open at `start` or later and had closed at `until`, at most `limit`.

        A page of a coarser timeframe may be shorter though others follow, since at most
        `MOST_PARTS` stored candles are read for it.
        """
        symbol, symbol_id = series
        if not self.is_made(timeframe):
            # one row more than wanted tells that there is a next page
            found = self._candles.page(symbol_id, timeframe, start=start, until=until, limit=limit + 1)
            return _cut(found, limit)
        # the first slot and the last one may be cut off by the bounds, and then are left out
        n_parts = min(MOST_PARTS, (limit + 2) * parts_in(self._followed, timeframe))
        parts = self._candles.page(symbol_id, self._followed, start=start, until=until, limit=n_parts)
        page = _cut(self._made(parts, symbol, timeframe), limit)
        if page.resume is not None or len(parts) < n_parts:
            return page
        covered = covered_until(parts, coarser=timeframe, calendar=symbol.calendar)
        return SeriesPage(page.candles, to_times(covered[-1:])[0].to_pydatetime())

    def running(
        self, series: tuple[Symbol, int], timeframe: str, *, now: datetime, part: Candle | None
    ) -> Candle | None:
        """Return the candle of a multiple of the followed timeframe that runs at `now`.

        Parameters
        ----------
        series : (Symbol, int)
            A followed symbol and its database id.
        timeframe : str
            One for which `is_made` holds.
        now : datetime
            Market time.
        part : Candle or None
            The running candle of the followed timeframe.

        Returns
        -------
        Candle or None
            None when the market is closed, or a part is missing.
        """
        symbol, symbol_id = series
        opened = slot_opens(pd.DatetimeIndex([now]), timeframe=timeframe, calendar=symbol.calendar)
        if opened.isna().any():
            return None
        stored = self._candles.read(symbol_id, self._followed, until=now, start=opened[0].to_pydatetime())
        closes = close_times(opened, timeframe=timeframe, calendar=symbol.calendar)
        parts = [*wire_candles(stored), *([part] if part else [])]
        return merged(parts, open_time=opened[0], close_time=closes[0])

    def is_made(self, timeframe: str) -> bool:
        """Tell whether candles of `timeframe` are made of the followed ones."""
        length_s, followed_s = timeframe_s(timeframe), timeframe_s(self._followed)
        return length_s > followed_s and length_s % followed_s == 0

    def _made(self, parts: pd.DataFrame, symbol: Symbol, timeframe: str) -> pd.DataFrame:
        return resample(parts, timeframe=self._followed, coarser=timeframe, calendar=symbol.calendar)


def wire_candles(frame: pd.DataFrame) -> list[Candle]:
    """Return the rows of a candles frame as they are answered; an unknown volume is None."""
    names = [name for name in Candle.model_fields if name in frame]
    columns = {name: frame[name].tolist() for name in names}
    columns["volume"] = [None if isnan(volume) else volume for volume in columns["volume"]]
    return [Candle.model_validate(dict(zip(names, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _cut(found: pd.DataFrame, limit: int) -> SeriesPage:
    kept = found.iloc[:limit]
    return SeriesPage(kept, kept["open_time"].iloc[-1].to_pydatetime() if len(found) > limit else None)
