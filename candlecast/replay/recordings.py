"""Which candles does a replay play? A folder of files, or the daily stocks that ship with a wheel."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candlecast.errors import InvalidRequestError, UnknownSymbolError
from candlecast.market.calendars import close_times, to_microseconds
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import TIMEFRAMES_S
from candlecast.replay.files import RawCandles, read_candle_file, read_shipped_stock

SHIPPED_SYMBOLS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
SHIPPED_NAME = "shipped daily stocks"
DEFAULT_LEAD_CANDLES = 500
SUFFIXES = (".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True, slots=True)
class RecordedSymbol:
    """The candles of one symbol as recorded.

    Parameters
    ----------
    symbol : Symbol
        Whose candles.
    candles : DataFrame
        Candles frame, unadjusted prices; candles that are missing in the file are missing here.
    adjusted_close : ndarray, shape (n,)
        Close adjusted for splits and dividends; the close itself where the file has none.
    """

    symbol: Symbol
    candles: pd.DataFrame
    adjusted_close: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recording:
    """Recorded candles of several symbols in one timeframe."""

    name: str
    timeframe: str
    series: dict[str, RecordedSymbol]

    @property
    def start(self) -> datetime:
        """Open of the oldest candle."""
        oldest: pd.Timestamp = min(s.candles["open_time"].iloc[0] for s in self.series.values())
        return oldest.to_pydatetime()

    @property
    def end(self) -> datetime:
        """Close of the newest candle."""
        newest: pd.Timestamp = max(s.candles["close_time"].iloc[-1] for s in self.series.values())
        return newest.to_pydatetime()

    def default_start(self) -> datetime:
        """Return the close `DEFAULT_LEAD_CANDLES` candles before the end (the oldest close when shorter)."""
        longest = max(self.series.values(), key=lambda series: len(series.candles))
        closes = longest.candles["close_time"]
        moment: pd.Timestamp = closes.iloc[max(0, len(closes) - 1 - DEFAULT_LEAD_CANDLES)]
        return moment.to_pydatetime()


def load_recording(folder: Path | None, symbols: list[str]) -> Recording:
    """Load the candles of `symbols`, reading no other file.

    Parameters
    ----------
    folder : Path or None
        Holds ``BTC_USDT.csv.gz`` (``BTC/USDT``), ``AAPL.csv``, ``.parquet``; None for the daily
        stocks AAPL, FB, GOOG, IBM, MSFT that ship with Candlecast.
    symbols : list of str
        Wanted symbols; empty for all.

    Raises
    ------
    InvalidRequestError
        When the folder holds no candles, a file lacks columns or timeframes differ.
    UnknownSymbolError
        When a wanted symbol is not recorded; names the near ones.
    """
    available = _available(folder)
    wanted = [Symbol.parse(name) for name in symbols] or [Symbol.parse(name) for name in available]
    for symbol in wanted:
        if symbol.name not in available:
            raise UnknownSymbolError(symbol.name, available)
    name = SHIPPED_NAME if folder is None else str(folder.resolve())
    raw = {symbol: _read(available[symbol.name], symbol) for symbol in wanted}
    return build_recording(name, raw)


def build_recording(name: str, raw: dict[Symbol, RawCandles]) -> Recording:
    """Join raw candles of several symbols into a recording.

    Raises
    ------
    InvalidRequestError
        When a symbol has fewer than two candles, or the timeframes differ.
    """
    timeframes = {symbol.name: infer_timeframe(symbol.name, to_microseconds(r.opens)) for symbol, r in raw.items()}
    if len(set(timeframes.values())) > 1:
        pairs = ", ".join(f"{symbol} {timeframe}" for symbol, timeframe in timeframes.items())
        raise InvalidRequestError(f"a recording must hold one timeframe, found {pairs}; choose symbols of one")
    timeframe = next(iter(timeframes.values()))
    return Recording(name, timeframe, {symbol.name: _record(symbol, r, timeframe) for symbol, r in raw.items()})


def infer_timeframe(name: str, opens: NDArray[np.int64]) -> str:
    """Return the timeframe whose length is the most frequent step between `opens` (microseconds).

    Raises
    ------
    InvalidRequestError
        When there are fewer than two opens, or the step is none of `TIMEFRAMES_S`.
    """
    if len(opens) < 2:
        raise InvalidRequestError(f"{name} has {len(opens)} candles, at least 2 are needed to play it")
    steps, counts = np.unique(np.diff(opens) // 1_000_000, return_counts=True)
    # Daily opens of a stock shift by an hour with daylight saving time; the mode is still one day.
    step_s = int(steps[np.argmax(counts)])
    for timeframe, length_s in TIMEFRAMES_S.items():
        if length_s == step_s:
            return timeframe
    raise InvalidRequestError(f"{name} has a candle every {step_s} s; accepted are {', '.join(TIMEFRAMES_S)}")


def _available(folder: Path | None) -> dict[str, Path | None]:
    if folder is None:
        return dict.fromkeys(SHIPPED_SYMBOLS)
    if not folder.is_dir():
        raise InvalidRequestError(f"{folder} is not a folder; name one that holds SYMBOL.csv, .csv.gz or .parquet")
    found: dict[str, Path | None] = {}
    for path in sorted(folder.iterdir()):
        suffix = next((s for s in SUFFIXES if path.name.endswith(s)), None)
        # a pipe or a device of such a name would never end
        if suffix is not None and path.is_file():
            found[path.name.removesuffix(suffix).replace("_", "/").upper()] = path
    if not found:
        raise InvalidRequestError(f"{folder} holds no candles; put SYMBOL.csv, .csv.gz or .parquet files there")
    return found


def _read(path: Path | None, symbol: Symbol) -> RawCandles:
    return read_shipped_stock(symbol) if path is None else read_candle_file(path, symbol)


def _record(symbol: Symbol, raw: RawCandles, timeframe: str) -> RecordedSymbol:
    closes = close_times(raw.opens, timeframe=timeframe, calendar=symbol.calendar)
    frame = pd.DataFrame({"open_time": raw.opens, "close_time": closes})
    frame[["open", "high", "low", "close", "volume"]] = raw.values[:, :5]
    kept = np.asarray(closes.notna())
    if not kept.any():
        raise InvalidRequestError(
            f"{symbol.name} has no candle of {timeframe} that opens in a session of {symbol.calendar}; check its times"
        )
    return RecordedSymbol(symbol, frame[kept].reset_index(drop=True), raw.values[kept, 5])
