"""How is a file of candles read? CSV (plain or gzip) and Parquet, exact to the last bit."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from candlecast.errors import InvalidRequestError
from candlecast.market.calendars import ALWAYS_OPEN, session_opens, to_times
from candlecast.market.candles import PRICE_COLUMNS
from candlecast.market.symbols import Symbol
from candlecast.replay.parquet import plain_name, read_parquet
from candlecast.unpacking import open_bounded

TIME_NAMES = ("ts", "open_time", "date")
TIME_WORDS = (*TIME_NAMES, "time", "timestamp", "datetime")
LARGEST_SECONDS = 100_000_000_000
# no market is older, and a candle closes in a year that can be written
FIRST_YEAR, LAST_YEAR = 1_800, 9_998
# the end of the year 9999
LARGEST_MICROSECONDS = 253_402_300_800_000_000
_LONGEST_REASON = 300
# must the column hold numbers?
_WANTED = {**dict.fromkeys(TIME_NAMES, False), **dict.fromkeys((*PRICE_COLUMNS, "adj_close"), True)}


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
        table, names = read_parquet(path, _WANTED) if path.suffix == ".parquet" else _read_csv(path)
    except (pa.ArrowException, OSError, EOFError, UnicodeDecodeError) as error:
        raise InvalidRequestError(
            f"{path} cannot be read as candles: {str(error).splitlines()[0][:_LONGEST_REASON]}"
        ) from error
    time_name = next((name for name in TIME_NAMES if name in names), None)
    missing = [name for name in PRICE_COLUMNS if name not in names]
    if time_name is None or missing:
        absent = ([] if time_name else ["ts"]) + missing
        has = _describe_columns(absent, names)
        raise InvalidRequestError(f"{path} lacks the columns {', '.join(absent)}; has {has}")
    last = "adj_close" if "adj_close" in names else "close"
    try:
        times = _times(table[time_name])
        _check_years(times)
        values = [table[name].cast(pa.float64()).to_numpy() for name in (*PRICE_COLUMNS, last)]
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        reason = str(error)[:_LONGEST_REASON]
        raise InvalidRequestError(f"{path} holds values that are no numbers or times: {reason}") from error
    return _tidy(times, np.column_stack(values), symbol)


def read_shipped_stock(symbol: Symbol) -> RawCandles:
    """Return the daily candles of `symbol` that ship with the package bokeh_sampledata."""
    # Imported here: the package reads its file when imported.
    from bokeh_sampledata import stocks

    recorded = getattr(stocks, symbol.name)
    columns = [np.asarray(recorded[name], dtype=np.float64) for name in (*PRICE_COLUMNS, "adj_close")]
    return _tidy(pd.DatetimeIndex(recorded["date"], tz="UTC"), np.column_stack(columns), symbol)


def _read_csv(path: Path) -> tuple[pa.Table, list[str]]:
    with open_bounded(path) as file:
        table = pa.csv.read_csv(file)
    names = [plain_name(name) for name in table.column_names]
    return table.rename_columns(names), names


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
    if any(test(column.type) for test in (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)):
        return _counted_times(column.cast(pa.float64()).to_numpy())
    values: pd.Series[Any] = column.to_pandas()
    if isinstance(values.dtype, pd.CategoricalDtype):
        # each text once, however often it comes
        read = np.append(_said_times(values.cat.categories).tz_localize(None), np.datetime64("NaT", "us"))
        # a missing one has the code -1, the place of the last
        return pd.DatetimeIndex(read[values.cat.codes.to_numpy()], tz="UTC").as_unit("us")
    return _said_times(values)


def _check_years(times: pd.DatetimeIndex) -> None:
    years = times[times.notna()].year
    odd = years[(years < FIRST_YEAR) | (years > LAST_YEAR)]
    if len(odd):
        raise ValueError(f"a candle opens in the year {odd[0]}, not between {FIRST_YEAR} and {LAST_YEAR}")


def _counted_times(since_1970: NDArray[np.float64]) -> pd.DatetimeIndex:
    # Seconds or milliseconds; one that is missing is no time.
    known = np.isfinite(since_1970)
    largest = float(np.abs(since_1970[known]).max(initial=0.0))
    microseconds = since_1970 * (1e6 if largest < LARGEST_SECONDS else 1e3)
    if (np.abs(microseconds[known]) > LARGEST_MICROSECONDS).any():
        raise ValueError(f"{largest:g} is neither seconds nor milliseconds since 1970")
    times = to_times(np.where(known, microseconds, 0.0).astype(np.int64))
    return pd.DatetimeIndex(times.where(known))


def _said_times(texts: "pd.Series[Any] | pd.Index[Any]") -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(texts, utc=True, format="ISO8601")).as_unit("us")


def _tidy(times: pd.DatetimeIndex, values: NDArray[np.float64], symbol: Symbol) -> RawCandles:
    if symbol.calendar != ALWAYS_OPEN and bool((times == times.normalize()).all()):
        times = session_opens(times, calendar=symbol.calendar)
    # A row without a price is a candle that the venue does not have; the later of two wins.
    usable = np.asarray(times.notna()) & np.isfinite(values[:, [0, 1, 2, 3, 5]]).all(axis=1)
    times, values = times[usable], values[usable]
    unique = ~np.asarray(times.duplicated(keep="last"))
    order = np.argsort(times[unique].asi8, kind="stable")
    return RawCandles(times[unique][order].as_unit("us"), values[unique][order])
