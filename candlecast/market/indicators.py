"""Answers indicators of stored candles: by group or column name, aligned with the candles."""

import asyncio
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType

import numpy as np

from candlecast.errors import InvalidRequestError
from candlecast.features.technical.columns import WARM_UP_CANDLES, indicator_names, technical_indicators
from candlecast.market.reader import MarketReader
from candlecast.market.timeframes import timeframe_s
from candlecast.schemas import IndicatorSeries

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "rsi": ("momentum_rsi",),
        "macd": ("trend_macd", "trend_macd_signal", "trend_macd_diff"),
        "bollinger": ("volatility_bbl", "volatility_bbm", "volatility_bbh"),
        "keltner": ("volatility_kcl", "volatility_kcc", "volatility_kch"),
        "donchian": ("volatility_dcl", "volatility_dcm", "volatility_dch"),
        "sma": ("trend_sma_fast", "trend_sma_slow"),
        "ema": ("trend_ema_fast", "trend_ema_slow"),
        "atr": ("volatility_atr",),
        "adx": ("trend_adx", "trend_adx_pos", "trend_adx_neg"),
        "stochastic": ("momentum_stoch", "momentum_stoch_signal"),
        "obv": ("volume_obv",),
        "vwap": ("volume_vwap",),
    }
)
"""What a chart asks for by one word; every column can be asked for by its own name too."""


class IndicatorReader:
    """Computes indicators of stored candles as of the market time.

    Parameters
    ----------
    reader : MarketReader
        Reads candles of the followed symbols as of the market time.
    """

    def __init__(self, *, reader: MarketReader) -> None:
        self._reader = reader

    async def series(self, symbol: str, timeframe: str, *, names: Sequence[str], limit: int) -> IndicatorSeries:
        """Return indicators at the newest `limit` closed candles, ascending.

        `WARM_UP_CANDLES` more are read before them, so that the values are those of the whole
        history but for the columns that docs/indicators.md names.

        Parameters
        ----------
        symbol, timeframe : str
            A followed symbol and a timeframe; there may be no candles of one finer than the followed one.
        names : sequence of str
            Groups (`GROUPS`) and columns.
        limit : int
            Most candles.

        Raises
        ------
        UnknownSymbolError, InvalidRequestError
            When the symbol is not followed, or a name or the timeframe is unknown.
        StorageError
            When the database does not answer.
        """
        timeframe_s(timeframe)
        columns = columns_of(names)
        return await asyncio.to_thread(self._compute, symbol, timeframe, columns, limit)

    def _compute(self, symbol: str, timeframe: str, columns: Sequence[str], limit: int) -> IndicatorSeries:
        read = self._reader.newest_candles(symbol, timeframe, limit=limit + WARM_UP_CANDLES)
        table = technical_indicators(read, columns).iloc[-limit:]
        shown = read.iloc[-limit:]
        known = table.astype(object).where(np.isfinite(table), None)
        return IndicatorSeries(
            symbol=symbol,
            timeframe=timeframe,
            open_times=list(shown["open_time"].dt.to_pydatetime()),
            close_times=list(shown["close_time"].dt.to_pydatetime()),
            series={column: known[column].tolist() for column in columns},
        )


def columns_of(names: Sequence[str]) -> list[str]:
    """Return the columns that groups and column names stand for, each once, in their order.

    Raises
    ------
    InvalidRequestError
        When a name is unknown, with the near ones; or when none is given.
    """
    columns: list[str] = []
    known = indicator_names()
    for name in names:
        found = GROUPS.get(name) or ((name,) if name in known else ())
        if not found:
            near = get_close_matches(name, [*GROUPS, *known], n=3) or list(GROUPS)
            raise InvalidRequestError(f"indicator {name[:40]!r} is unknown; did you mean {', '.join(near)}?")
        columns += found
    if not columns:
        raise InvalidRequestError(f"names must hold at least one of {', '.join(GROUPS)}, or a column, was empty")
    return list(dict.fromkeys(columns))
