"""How is a candles frame laid out in the table? The two directions between frames and rows."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
from psycopg2.extensions import cursor as Cursor

from candlecast.market.candles import PRICE_COLUMNS
from candlecast.storage.postgres.binary_copy import Array, Records, copy_in, copy_out, times_from_wire, times_to_wire

Text = str | pd.Series
Times = datetime | pd.Series | pd.DatetimeIndex

_TEXT_BYTES = 24
_FIELDS = (
    {"open_time": "i8", "close_time": "i8"}
    | dict.fromkeys(PRICE_COLUMNS, "f8")
    | {"source": f"S{_TEXT_BYTES}", "quality": f"S{_TEXT_BYTES}", "known_at": "i8"}
)
# Padded to one length, because text of varying length would need a loop over the rows.
_SELECT = f"""
SELECT open_time, close_time, open, high, low, close, coalesce(volume, 'NaN'),
    source::char({_TEXT_BYTES}), quality::char({_TEXT_BYTES}), known_at
FROM ohlcv_table WHERE symbol_id = %s AND timeframe = %s
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Rows on their way into the table; texts are numbers into `sources` and `qualities`, from 1.

    `first_open` and `last_open` span the rows; `known_last` is when the last of them became known.
    """

    columns: dict[str, Array]
    sources: list[str]
    qualities: list[str]
    first_open: datetime
    last_open: datetime
    known_last: datetime

    def copy_into(self, cursor: Cursor, table: str) -> None:
        """Append the rows to `table`."""
        copy_in(cursor, table, self.columns)


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a series are wanted; `newest` says which end counts when there are too many."""

    symbol_id: int
    timeframe: str
    start: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    newest: bool = True

    def starting(self, start: datetime) -> "Window":
        """Return this window with another start."""
        return replace(self, start=start)


def stage(candles: pd.DataFrame, *, source: Text, quality: Text, known_at: Times) -> Stage:
    """Lay out candles for COPY, see `CandleStore.upsert` for the parameters."""
    sources, source_codes = _codes(source, len(candles))
    qualities, quality_codes = _codes(quality, len(candles))
    known = pd.DatetimeIndex([known_at]) if isinstance(known_at, datetime) else known_at
    times = {name: times_to_wire(candles[name]) for name in ("open_time", "close_time")}
    prices = {name: candles[name].to_numpy("float64") for name in PRICE_COLUMNS}
    texts = {"source": source_codes, "quality": quality_codes}
    known_us = np.broadcast_to(times_to_wire(known), len(candles))
    columns = {**times, **prices, **texts, "known_at": known_us}
    return Stage(
        columns,
        sources,
        qualities,
        first_open=candles["open_time"].min().to_pydatetime(),
        last_open=candles["open_time"].max().to_pydatetime(),
        known_last=times_from_wire(known_us).max().to_pydatetime(),
    )


def fetch(cursor: Cursor, window: Window) -> pd.DataFrame:
    """Return the rows of `window` ascending, see `CandleStore.read` for the frame."""
    query, parameters = _SELECT, [window.symbol_id, window.timeframe]
    bounds: list[tuple[str, object]] = []
    if window.start is not None:
        bounds.append((" AND open_time >= %s", window.start))
    if window.until is not None:
        # The bound on the key lets whole months be skipped; the other one is what is meant.
        bounds += [(" AND open_time < %s", window.until), (" AND close_time <= %s", window.until)]
    bounds.append((f" ORDER BY open_time {'DESC' if window.newest else 'ASC'} LIMIT %s", window.limit))
    query += "".join(text for text, _ in bounds)
    rows = copy_out(cursor, query, [*parameters, *(value for _, value in bounds)], fields=_FIELDS)
    return _frame(rows[::-1] if window.newest else rows)


def _codes(text: Text, n_rows: int) -> tuple[list[str], npt.NDArray[np.int16]]:
    if isinstance(text, str):
        return [text], np.ones(n_rows, "int16")
    codes, names = pd.factorize(text)
    return [str(name) for name in names], (codes + 1).astype("int16")


def _frame(rows: Records) -> pd.DataFrame:
    columns: dict[str, object] = {}
    for name, kind in _FIELDS.items():
        values = rows[name]
        if kind == "i8":
            columns[name] = times_from_wire(values)
        elif kind == "f8":
            columns[name] = values.astype("float64")
        else:
            columns[name] = _texts(values)
    return pd.DataFrame(columns)


def _texts(padded: Array) -> pd.Series:
    names, codes = np.unique(padded, return_inverse=True)
    words = pd.Series([bytes(name).decode().rstrip() for name in names], dtype="str")
    return words.take(codes).reset_index(drop=True)
