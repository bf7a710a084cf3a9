"""What would a market look like? Seeded candles with clustered volatility, for tests and benchmarks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from candlecast.errors import InvalidRequestError
from candlecast.market.calendars import expected_open_times
from candlecast.market.symbols import Symbol
from candlecast.market.timeframes import timeframe_s
from candlecast.replay.files import RawCandles
from candlecast.replay.recordings import Recording, build_recording

FIRST_OPEN = datetime(2021, 1, 4, tzinfo=UTC)
# GARCH(1,1) of an hourly crypto pair: omega, alpha, beta; the long-run variance is omega / (1 - alpha - beta).
OMEGA, ALPHA, BETA = 1.2e-6, 0.08, 0.90
MOST_SYMBOLS = 999
PRICE_DECIMALS, VOLUME_DECIMALS = 4, 3


def make_recording(
    symbols: list[str],
    *,
    timeframe: str,
    n_candles: int,
    seed: int,
    start: datetime = FIRST_OPEN,
    gap_share: float = 0.0,
) -> Recording:
    """Generate candles that pass validation; the same arguments give the same candles.

    Parameters
    ----------
    symbols : list of str
        Symbols, as ``BTC/USDT`` or ``AAPL``.
    timeframe : str
        One of `TIMEFRAMES_S`.
    n_candles : int
        Candles a symbol before gaps are cut out, at least 2.
    seed : int
        Seed; each symbol draws its own stream from it.
    start : datetime
        Earliest open, aware.
    gap_share : float
        Share of candles left out at random, 0 to below 1; the first and the last always stay.

    Returns
    -------
    Recording
        Returns follow a GARCH(1,1) with Student-t shocks (Bollerslev 1987).

    Raises
    ------
    InvalidRequestError
        When `n_candles` or `gap_share` is out of range.
    """
    if n_candles < 2:
        raise InvalidRequestError(f"n_candles must be at least 2, was {n_candles}")
    if not 0 <= gap_share < 1:
        raise InvalidRequestError(f"gap_share must be at least 0 and below 1, was {gap_share}")
    raw: dict[Symbol, RawCandles] = {}
    for place, name in enumerate(symbols):
        rng = np.random.default_rng([seed, place])
        symbol = Symbol.parse(name)
        opens = _first_opens(symbol, timeframe, n_candles, start)
        kept = rng.random(n_candles) >= gap_share
        kept[[0, -1]] = True
        raw[symbol] = RawCandles(opens[kept], _make_values(rng, n_candles, symbol)[kept])
    return build_recording(f"synthetic seed {seed}", raw)


def write_recording(recording: Recording, folder: Path) -> None:
    """Write each symbol's candles as ``SYMBOL.csv.gz`` that `load_recording` reads back unchanged."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, series in recording.series.items():
        frame = series.candles.drop(columns="close_time").rename(columns={"open_time": "ts"})
        frame["adj_close"] = series.adjusted_close
        frame["ts"] = frame["ts"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        path = folder / f"{name.replace('/', '_')}.csv.gz"
        frame.to_csv(path, index=False, compression={"method": "gzip", "mtime": 0})


def name_symbols(n_symbols: int) -> list[str]:
    """Return names for `n_symbols` generated pairs: ``SYN001/USDT`` and so on.

    Raises
    ------
    InvalidRequestError
        When `n_symbols` is not between 1 and 999.
    """
    if not 1 <= n_symbols <= MOST_SYMBOLS:
        raise InvalidRequestError(f"synthetic symbols must be between 1 and {MOST_SYMBOLS}, was {n_symbols}")
    return [f"SYN{number:03}/USDT" for number in range(1, n_symbols + 1)]


def _first_opens(symbol: Symbol, timeframe: str, n_candles: int, start: datetime) -> pd.DatetimeIndex:
    # A stock trades 6.5 of 168/5 hours a day: eight times the span surely holds n candles.
    reach = timedelta(seconds=8 * n_candles * timeframe_s(timeframe)) + timedelta(days=10)
    opens = expected_open_times(start, start + reach, timeframe=timeframe, calendar=symbol.calendar)
    return opens[:n_candles]


def _make_values(rng: np.random.Generator, n: int, symbol: Symbol) -> NDArray[np.float64]:
    returns, sigma = _garch_returns(rng, n)
    closes = 100.0 * np.exp(rng.uniform(0, 6) + np.cumsum(returns))
    opens = np.concatenate([[closes[0]], closes[:-1]])
    above, below = np.abs(rng.normal(size=(2, n))) * sigma * 0.6
    highs = np.maximum(opens, closes) * np.exp(above)
    lows = np.minimum(opens, closes) * np.exp(-below)
    volumes = np.exp(rng.normal(4.0, 0.5, size=n)) * sigma / sigma.mean()
    prices = np.round(np.column_stack([opens, highs, lows, closes]), PRICE_DECIMALS)
    # Stocks trade in whole shares.
    volumes = np.round(volumes, VOLUME_DECIMALS) if symbol.asset_class == "crypto" else np.ceil(1_000 * volumes)
    return np.column_stack([prices, volumes, prices[:, 3]])


def _garch_returns(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    shocks = rng.standard_t(5, size=n) * np.sqrt(3 / 5)
    variances = np.empty(n)
    variance = OMEGA / (1 - ALPHA - BETA)
    for place, shock in enumerate(shocks.tolist()):
        variances[place] = variance
        variance = OMEGA + (ALPHA * shock * shock + BETA) * variance
    sigma = np.sqrt(variances)
    return sigma * shocks, sigma
