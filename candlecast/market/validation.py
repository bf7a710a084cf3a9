"""Which rows of a venue are candles? Good ones go on, bad ones are set aside with the reason."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pandera.pandas as pa

from candlecast.market.calendars import on_grid
from candlecast.market.candles import CANDLE_COLUMNS, PRICE_COLUMNS, TIME_DTYPE, Symbol, empty_candles

PRICES = ("open", "high", "low", "close")
CONFLICT = "replaced by a later row of the same open time"
OFF_GRID = "opens off the grid of its timeframe"


@dataclass(frozen=True, slots=True)
class Validated:
    """What came out of `validate_candles`.

    Parameters
    ----------
    candles : DataFrame
        Candles frame: closed, ascending, unique, possible.
    rejected : DataFrame
        The other rows as received, with a text column ``reason``.
    """

    candles: pd.DataFrame
    rejected: pd.DataFrame


def validate_candles(frame: pd.DataFrame, *, symbol: Symbol, timeframe: str, now: datetime) -> Validated:
    """Sort, and part closed candles from rows that cannot be candles. Nothing is filled.

    Parameters
    ----------
    frame : DataFrame
        Rows with `CANDLE_COLUMNS`, in any order. Exact duplicates are dropped.
    symbol : Symbol
        Gives the calendar.
    timeframe : str
        One of ``TIMEFRAMES_S``; gives the grid.
    now : datetime
        Aware market time; rows that close later are the running candle and left out silently.

    Returns
    -------
    Validated
        Rejected are rows with a price that is missing, infinite or not above 0, a negative or
        infinite volume (a missing one is kept), a high below or a low above another price, an open
        off the grid, and all but the last of several rows with one open time.

    Raises
    ------
    InvalidRequestError
        When `timeframe` is unknown.
    """
    rows = frame[list(CANDLE_COLUMNS)].astype({name: TIME_DTYPE for name in CANDLE_COLUMNS[:2]})
    rows = rows.astype(dict.fromkeys(PRICE_COLUMNS, "float64")).drop_duplicates()
    rows = rows[~(rows["close_time"] > now)].sort_values("open_time", kind="stable", ignore_index=True)
    reasons = _find_faults(rows)
    grid = on_grid(pd.DatetimeIndex(rows["open_time"]), timeframe=timeframe, calendar=symbol.calendar)
    reasons = reasons.mask(reasons.isna() & ~grid, OFF_GRID)
    sound = rows[reasons.isna()]
    replaced = sound.index[sound.duplicated("open_time", keep="last")]
    reasons[replaced] = CONFLICT
    kept = reasons.isna()
    candles = rows[kept].reset_index(drop=True) if kept.any() else empty_candles()
    rejected = rows[~kept].assign(reason=reasons[~kept]).reset_index(drop=True)
    return Validated(candles, rejected)


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
