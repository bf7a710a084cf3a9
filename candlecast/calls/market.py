"""Calls about symbols, prices, candles and indicators."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import AfterValidator, TypeAdapter

from candlecast.calls.call import Call, Param, given, path_of
from candlecast.queries import CandleQuery
from candlecast.schemas import CandlePage, IndicatorSeries, Listing, PriceResults, SymbolStatus

# a list by its schema, a `Listing` by what it is read into
_SYMBOLS: TypeAdapter[Any] = TypeAdapter(Annotated[list[SymbolStatus], AfterValidator(Listing)])
_CANDLES = TypeAdapter(CandlePage)
_PRICES = TypeAdapter(PriceResults)
_INDICATORS = TypeAdapter(IndicatorSeries)


def symbols_call() -> Call[Listing[SymbolStatus]]:
    """Return the call for the tracked symbols."""
    return Call(path_of("symbols"), _SYMBOLS)


def candles_call(query: CandleQuery) -> Call[CandlePage]:
    """Return the call for one page of candles."""
    params = given(**asdict(query))
    if not query.include_partial:
        del params["include_partial"]
    return Call(path_of("candles"), _CANDLES, params)


def prices_call(symbols: Sequence[str]) -> Call[PriceResults]:
    """Return the call for the prices of `symbols`, of all tracked ones when there are none."""
    return Call(path_of("prices"), _PRICES, {"symbols": ",".join(symbols)})


def indicators_call(symbol: str, timeframe: str, *, names: Sequence[str], limit: int) -> Call[IndicatorSeries]:
    """Return the call for indicators of the newest candles."""
    params: dict[str, Param] = {"symbol": symbol, "timeframe": timeframe, "names": ",".join(names), "limit": limit}
    return Call(path_of("indicators"), _INDICATORS, params)
