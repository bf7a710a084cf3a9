"""Which rows of a venue are candles? Good ones go on, bad ones are set aside with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd
import pandera.pandas as pa

from candlecast.market.calendars import on_grid
from candlecast.market.candles import CANDLE_COLUMNS, PRICE_COLUMNS, TIME_DTYPE, empty_candles
from candlecast.market.jumps import find_jumps
from candlecast.market.soundness import is_sound
from candlecast.market.symbols import Symbol

PRICES = ("open", "high", "low", "close")
SERIES = "symbol_id"
CONFLICT = "replaced by a later row of the same open time"
OFF_GRID = "opens off the grid of its timeframe"
FUTURE = "opens in the future"
EARLY = "is said to be closed before its close"
JUMP = "close jumps further than the limit, and no later candle confirms it"


@dataclass(frozen=True, slots=True)
class Validated:
    """What came out of `validate_candles`.

    Parameters
    ----------
    candles : DataFrame
        Candles frame: closed, ascending, unique, possible; with ``symbol_id`` where it was given.
    rejected : DataFrame
        The other rows as received, with a text column ``reason``.
    """

    candles: pd.DataFrame
    rejected: pd.DataFrame


def validate_candles(
    frame: pd.DataFrame,
    *,
    symbol: Symbol,
    timeframe: str,
    now: datetime,
    previous_close: Mapping[int, float] | None = None,
    said_closed: bool = False,
) -> Validated:
    """Sort, and part closed candles from rows that cannot be candles. Nothing is filled.

    Parameters
    ----------
    frame : DataFrame
        Rows with `CANDLE_COLUMNS`, in any order. Exact duplicates are dropped. With an int column
        ``symbol_id`` it holds several symbols of one kind, each judged for itself. Further columns
        come back as they are.
    symbol : Symbol
        Gives calendar and asset class; any of the symbols where there are several.
    timeframe : str
        One of ``TIMEFRAMES_S``; gives the grid.
    now : datetime
        Aware market time; rows that close later are the running candle and left out silently.
    previous_close : mapping of int to float, optional
        Close of the stored candle before the first row, by ``symbol_id`` (0 in a frame without).
    said_closed : bool
        Whether the venue called every row closed: then one that closes after `now` is rejected.

    Returns
    -------
    Validated
        Rejected are rows with a price that is missing, infinite or not above 0, a negative or
        infinite volume (a missing one is kept), a high below or a low above another price, an open
        off the grid or in the future, all but the last of several rows with one open time, and
        closes that jump, see `find_jumps`.

    Raises
    ------
    InvalidRequestError
        When `timeframe` is unknown.
    """
    rows = frame if said_closed else _without_running(frame, now)
    jumps_of = partial(
        find_jumps, timeframe=timeframe, asset_class=symbol.asset_class, previous_close=previous_close or {}
    )
    sound = len(rows) > 0 and is_sound(rows, timeframe=timeframe, calendar=symbol.calendar, now=now)
    if sound and jumps_of(rows).empty:
        return Validated(rows.reset_index(drop=True), rows.iloc[:0].assign(reason=""))
    rows = _tidy(rows)
    reasons = _find_faults(rows)
    grid = on_grid(pd.DatetimeIndex(rows["open_time"]), timeframe=timeframe, calendar=symbol.calendar)
    for is_wrong, reason in (
        (rows["open_time"] > now, FUTURE), (rows["close_time"] > now, EARLY), (~grid, OFF_GRID)
    ):  # fmt: skip
        reasons = reasons.mask(reasons.isna() & is_wrong, reason)
    kept = rows[reasons.isna()]
    reasons[kept.index[kept.duplicated(_key(kept), keep="last")]] = CONFLICT
    reasons[jumps_of(rows[reasons.isna()])] = JUMP
    return _part(rows, reasons)


def _without_running(frame: pd.DataFrame, now: datetime) -> pd.DataFrame:
    running = (frame["open_time"] <= now) & (frame["close_time"] > now)
    return frame[~running] if running.any() else frame


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    types = dict.fromkeys(CANDLE_COLUMNS[:2], TIME_DTYPE) | dict.fromkeys(PRICE_COLUMNS, "float64")
    rows = frame.astype(types).sort_values(_key(frame), kind="stable", ignore_index=True)
    twice = rows.duplicated(_key(rows), keep=False)
    # comparing whole rows is slow, and nearly never needed
    again = rows[twice].duplicated([*_key(rows), *CANDLE_COLUMNS[1:]])
    return rows.drop(index=again[again].index).reset_index(drop=True) if again.any() else rows


def _key(rows: pd.DataFrame) -> list[str]:
    return [SERIES, "open_time"] if SERIES in rows else ["open_time"]


def _part(rows: pd.DataFrame, reasons: "pd.Series[str]") -> Validated:
    kept = reasons.isna()
    candles = rows[kept].reset_index(drop=True)
    if candles.empty and SERIES not in rows:
        candles = empty_candles()
    return Validated(candles, rows[~kept].assign(reason=reasons[~kept]).reset_index(drop=True))


def _find_faults(rows: pd.DataFrame) -> "pd.Series[str]":
    # The first fault of each row, None where it has none.
    reasons = pd.Series(None, index=rows.index, dtype=object)
    try:
        _SCHEMA.validate(rows, lazy=True)
    except pa.errors.SchemaErrors as found:
        faults = found.failure_cases.dropna(subset=["index"])
        # What is wrong with one column says more than how it compares with the others.
        faults = faults.sort_values("schema_context", kind="stable").drop_duplicates("index")
        missing = faults["column"].astype(str) + " is missing"
        texts = np.where(faults["check"] == "not_nullable", missing, faults["check"])
        reasons[faults["index"].astype(int)] = texts
    return reasons


def _price(name: str) -> pa.Column:
    checks = [
        pa.Check(lambda values: np.isfinite(values), error=f"{name} is infinite"),
        pa.Check(lambda values: values > 0, error=f"{name} is not above 0"),
    ]
    return pa.Column(float, checks=checks)


_SCHEMA = pa.DataFrameSchema(
    {name: pa.Column(TIME_DTYPE) for name in CANDLE_COLUMNS[:2]}
    | {name: _price(name) for name in PRICES}
    | {
        "volume": pa.Column(
            float,
            checks=[
                pa.Check(lambda values: np.isfinite(values), error="volume is infinite"),
                pa.Check(lambda values: values >= 0, error="volume is negative"),
            ],
            nullable=True,
        )
    },
    checks=[
        pa.Check(lambda rows: rows["high"] >= rows[list(PRICES)].max(axis=1), error="high is below another price"),
        pa.Check(lambda rows: rows["low"] <= rows[list(PRICES)].min(axis=1), error="low is above another price"),
    ],
)
