"""How is a file of candles read? CSV (plain or gzip) and Parquet, exact to the last bit."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from candlecast.errors import InvalidRequestError
from candlecast.market.calendars import ALWAYS_OPEN, session_opens, to_times
from candlecast.market.candles import PRICE_COLUMNS, Symbol

TIME_NAMES = ("ts", "open_time", "date")
TIME_WORDS = (*TIME_NAMES, "time", "timestamp", "datetime")
LARGEST_SECONDS = 100_000_000_000


@dataclass(frozen=True, slots=True)
class RawCandles:
    """Candles as read: opens (UTC, ascending, unique) and values.

    Parameters
    ----------
    opens : DatetimeIndex, shape (n,)
        When the candles open.
    values : ndarray, shape (n, 6)
        Open, high, low, close, volume, adjusted close; prices finite, volume may be NaN.
    """

    opens: pd.DatetimeIndex
    values: NDArray[np.float64]


def read_candle_file(path: Path, symbol: Symbol) -> RawCandles:
    """Read one file of candles.

    Parameters
    ----------
    path : Path
        CSV (also gzip) or Parquet with the columns ``ts`` (or ``open_time``, ``date``), ``open``,
        ``high``, ``low``, ``close``, ``volume`` and, if wanted, ``adj_close``. Times: ISO 8601
        (UTC unless stated), or seconds or milliseconds since 1970.
    symbol : Symbol
        Whose candles; a stock's dates become the opens of its sessions.

    Raises
    ------
    InvalidRequestError
        Naming the file and what is missing or cannot be read.
    """
    try:
        table = pa.parquet.read_table(path) if path.suffix == ".parquet" else pa.csv.read_csv(path)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InvalidRequestError(f"{path} cannot be read as candles: {str(error).splitlines()[0]}") from error
    table = table.rename_columns([name.strip().lower().replace(" ", "_") for name in table.column_names])
    time_name = next((name for name in TIME_NAMES if name in table.column_names), None)
    missing = [name for name in PRICE_COLUMNS if name not in table.column_names]
    if time_name is None or missing:
        absent = ([] if time_name else ["ts"]) + missing
        has = _describe_columns(absent, table.column_names)
        raise InvalidRequestError(f"{path} lacks the columns {', '.join(absent)}; has {has}")
    last = "adj_close" if "adj_close" in table.column_names else "close"
    try:
        times = _times(table[time_name])
        values = [table[name].cast(pa.float64()).to_numpy() for name in (*PRICE_COLUMNS, last)]
    except (pa.ArrowException, ValueError) as error:
        raise InvalidRequestError(f"{path} holds values that are no numbers or times: {error}") from error
    return _tidy(times, np.column_stack(values), symbol)


def read_shipped_stock(symbol: Symbol) -> RawCandles:
    """Return the daily candles of `symbol` that ship with the package bokeh_sampledata."""
    # Imported here: the package reads its file when imported.
    from bokeh_sampledata import stocks

    recorded = getattr(stocks, symbol.name)
    columns = [np.asarray(recorded[name], dtype=np.float64) for name in (*PRICE_COLUMNS, "adj_close")]
    return _tidy(pd.DatetimeIndex(recorded["date"], tz="UTC"), np.column_stack(columns), symbol)


def _describe_columns(absent: list[str], present: list[str]) -> str:
    # Names the near ones when there are any, else all.
    near: dict[str, str] = {}
    for name in absent:
        words = TIME_WORDS if name == "ts" else (name,)
        others = [column for column in present if column not in (*PRICE_COLUMNS, *near)]
        found = [match for word in words for match in get_close_matches(word, others, n=1, cutoff=0.6)]
        if found:
            near[found[0]] = name
    if not near:
        return ", ".join(present)
    return f"{', '.join(map(repr, near))}; did you mean {', '.join(near.values())}?"


def _times(column: pa.ChunkedArray) -> pd.DatetimeIndex:
    values: pd.Series[Any] = column.to_pandas()
    if pd.api.types.is_integer_dtype(values.dtype):
        in_seconds = int(values.abs().max()) < LARGEST_SECONDS
        return to_times(values.to_numpy(dtype=np.int64) * (1_000_000 if in_seconds else 1_000))
    return pd.DatetimeIndex(pd.to_datetime(values, utc=True)).as_unit("us")


def _tidy(times: pd.DatetimeIndex, values: NDArray[np.float64], symbol: Symbol) -> RawCandles:
    if symbol.calendar != ALWAYS_OPEN and bool((times == times.normalize()).all()):
        times = session_opens(times, calendar=symbol.calendar)
    # A row without a price is a candle that the venue does not have; the later of two wins.
    usable = np.asarray(times.notna()) & np.isfinite(values[:, [0, 1, 2, 3, 5]]).all(axis=1)
    times, values = times[usable], values[usable]
    unique = ~np.asarray(times.duplicated(keep="last"))
    order = np.argsort(times[unique].asi8, kind="stable")
    return RawCandles(times[unique][order].as_unit("us"), values[unique][order])
