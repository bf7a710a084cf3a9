"""What of a forecast goes into the ledger, and what of its model is told beside it?"""

from candlecast.forecasts.champions import Champion
from candlecast.forecasts.ledger import LedgerEntry
from candlecast.forecasts.maker import Made
from candlecast.schemas import DataState, Forecast, ModelRef


def attributed(forecast: Forecast, contender: Champion) -> Forecast:
    """Return a recorded forecast with what is known of its model."""
    # the ledger keeps of a model what only the forecast knows
    model = forecast.model.model_copy(update={"base_log_odds": contender.base_log_odds})
    return forecast.model_copy(update={"model": model})


def ledger_entry(made: Made, contender: Champion) -> LedgerEntry:
    """Return what is recorded of a forecast that `contender` made."""
    values = made.values
    forecast = Forecast(
        symbol=values.symbol,
        timeframe=values.timeframe,
        horizon=values.horizon,
        made_at=values.made_at,
        as_of=values.as_of,
        target_time=values.target_time,
        last_close=values.last_close,
        p_up=values.p_up,
        direction=values.direction,
        abstain_reason=values.abstain_reason,
        expected_log_return=values.expected_log_return,
        expected_volatility=values.expected_volatility,
        intervals=list(values.intervals),
        sentiment=made.sentiment,
        drivers=list(values.drivers),
        model=ModelRef(
            id=contender.id,
            algorithm=contender.algorithm,
            trained_at=contender.trained_at,
            coverage_recent=values.coverage_recent,
        ),
        data=DataState(age_s=0.0, stale=False, source=made.source),
    )
    return LedgerEntry(forecast, values.features_digest)
