"""Calls about forecasts, their ledger and their track record."""

from collections.abc import Sequence
from dataclasses import asdict

from pydantic import TypeAdapter

from candlecast.calls.call import Call, Param, given, path_of
from candlecast.queries import LedgerQuery, TrackRecordQuery
from candlecast.schemas import Forecast, ForecastBatch, ForecastItem, ForecastResults, LedgerPage, TrackRecords

_FORECAST = TypeAdapter(Forecast)
_FORECASTS = TypeAdapter(ForecastResults)
_LEDGER = TypeAdapter(LedgerPage)
_RECORD = TypeAdapter(TrackRecords)


def forecast_call(symbol: str, timeframe: str, *, horizon: int) -> Call[Forecast]:
    """Return the call for the newest forecast of one series."""
    params: dict[str, Param] = {"symbol": symbol, "timeframe": timeframe, "horizon": horizon}
    return Call(path_of("forecasts", "latest"), _FORECAST, params)


def forecasts_call(items: Sequence[ForecastItem]) -> Call[ForecastResults]:
    """Return the call for many forecasts at once."""
    return Call(path_of("forecasts"), _FORECASTS, body=ForecastBatch(items=list(items)), method="POST")


def ledger_call(query: LedgerQuery) -> Call[LedgerPage]:
    """Return the call for one page of recorded forecasts."""
    return Call(path_of("forecasts"), _LEDGER, given(**asdict(query)))


def track_record_call(query: TrackRecordQuery) -> Call[TrackRecords]:
    """Return the call for how forecasts did."""
    params = given(**asdict(query))
    del params["by_symbol"], params["days"]
    if query.by_symbol:
        params["by"] = "symbol"
    if query.days:
        params["days"] = True
    return Call(path_of("track-record"), _RECORD, params)
