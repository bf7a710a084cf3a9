"""Which closes jump out of their series? A bad tick comes back at once, a real move stays."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candlecast.market.symbols import AssetClass

Array = NDArray[np.float64]

# Largest believable move of one candle, as an absolute log return. The largest in 33 pairs over 2017 to 2022 are
# 1.59 a day (DOGE, 28 January 2021) and 0.69 an hour (SAND at its listing), in five US stocks 0.73 a day (AAPL,
# 29 September 2000).
LIMITS: dict[AssetClass, dict[str, float]] = {
    "crypto": {"1m": 0.5, "5m": 0.6, "15m": 0.8, "1h": 1.0, "4h": 1.5, "1d": 2.0},
    "stock": {"1m": 0.25, "5m": 0.3, "15m": 0.4, "1h": 0.5, "4h": 0.7, "1d": 1.0},
}


def find_jumps(
    rows: pd.DataFrame, *, timeframe: str, asset_class: AssetClass, previous_close: Mapping[int, float]
) -> pd.Index:
    """Return the labels of rows whose close jumps and is not confirmed by the close after it.

    A row jumps when its close lies further than the limit from the last accepted one. It is
    confirmed when the next row's close lies within the limit of it: then the market did move. So a
    single bad tick is refused, and the newest candle of a crash waits for the one after it.

    Parameters
    ----------
    rows : DataFrame
        Possible candles with positive, finite closes, ascending by ``open_time`` within each
        ``symbol_id`` where there is one.
    timeframe, asset_class : str
        Give the limit.
    previous_close : mapping of int to float
        Last accepted close before the first row, by ``symbol_id`` (0 without); may lack some.
    """
    limit = LIMITS[asset_class][timeframe]
    ids = rows["symbol_id"].to_numpy() if "symbol_id" in rows else np.zeros(len(rows), np.int64)
    close = np.log(rows["close"].to_numpy(dtype=np.float64))
    if not _may_jump(ids, close, limit=limit, previous_close=previous_close):
        return rows.index[:0]
    jumps = np.zeros(len(rows), dtype=bool)
    for symbol_id in np.unique(ids):
        mine = np.flatnonzero(ids == symbol_id)
        jumps[mine] = _unconfirmed(close[mine], limit=limit, last=previous_close.get(int(symbol_id)))
    return rows.index[jumps]


def _may_jump(ids: NDArray[np.int64], close: Array, *, limit: float, previous_close: Mapping[int, float]) -> bool:
    # nearly always nothing jumps, and that is seen without a loop over rows
    same = ids[1:] == ids[:-1]
    if bool((np.abs(np.diff(close))[same] > limit).any()):
        return True
    firsts = np.flatnonzero(np.concatenate([[True], ~same]))[: len(ids)].tolist()
    before = [previous_close.get(int(ids[place])) for place in firsts]
    return any(
        last is not None and abs(close[place] - np.log(last)) > limit
        for place, last in zip(firsts, before, strict=True)
    )


def _unconfirmed(close: Array, *, limit: float, last: float | None) -> list[bool]:
    found, accepted = [], None if last is None else float(np.log(last))
    for place, value in enumerate(close.tolist()):
        jumps = accepted is not None and abs(value - accepted) > limit
        stays = place + 1 < len(close) and abs(close[place + 1] - value) <= limit
        found.append(jumps and not stays)
        if not found[-1]:
            accepted = value
    return found
