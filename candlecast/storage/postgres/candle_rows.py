"""How do stored candles become a frame? Rows of the table by window, texts padded to one length."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd
from psycopg2.extensions import cursor as Cursor

from candlecast.market.candles import PRICE_COLUMNS
from candlecast.storage.postgres.binary_copy import Array, Records, copy_out, times_from_wire

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

_SELECT_OPENS = "SELECT open_time FROM ohlcv_table WHERE symbol_id = %s AND timeframe = %s"


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

    def ending(self, until: datetime) -> "Window":
        """Return this window with another end."""
        return replace(self, until=until)


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


def fetch_open_times(
    cursor: Cursor, symbol_id: int, timeframe: str, *, start: datetime | None, end: datetime | None
) -> pd.DatetimeIndex:
    """Return the open times of a series, see `CandleStore.open_times`."""
    query, parameters = _SELECT_OPENS, [symbol_id, timeframe]
    bounds = [(" AND open_time >= %s", start), (" AND open_time < %s", end)]
    given = [(text, moment) for text, moment in bounds if moment is not None]
    query += "".join(text for text, _ in given) + " ORDER BY open_time"
    rows = copy_out(cursor, query, [*parameters, *(moment for _, moment in given)], fields={"open_time": "i8"})
    return times_from_wire(rows["open_time"])


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
