"""What does each call of the HTTP API send, and how is its answer read? No I/O: the clients in `client` send."""

from candlecast.calls.alerts import alerts_call, create_alert_call, delete_alert_call, deliveries_call
from candlecast.calls.call import Call, build_request, read_answer
from candlecast.calls.failures import may_use_proxy, problem_error, unreachable_error, wait_s
from candlecast.calls.forecasts import forecast_call, forecasts_call, ledger_call, track_record_call
from candlecast.calls.jobs import job_call, train_call, tune_call
from candlecast.calls.market import candles_call, indicators_call, prices_call, symbols_call
from candlecast.calls.models import model_call, models_call, promote_call, rollback_call
from candlecast.calls.news import news_call, news_sources_call, sentiment_call, sentiment_summary_call
from candlecast.calls.service import keep_session_call, readiness_call, session_call

__all__ = [
    "Call",
    "alerts_call",
    "build_request",
    "candles_call",
    "create_alert_call",
    "delete_alert_call",
    "deliveries_call",
    "forecast_call",
    "forecasts_call",
    "indicators_call",
    "job_call",
    "keep_session_call",
    "ledger_call",
    "may_use_proxy",
    "model_call",
    "models_call",
    "news_call",
    "news_sources_call",
    "prices_call",
    "problem_error",
    "promote_call",
    "read_answer",
    "readiness_call",
    "rollback_call",
    "sentiment_call",
    "sentiment_summary_call",
    "session_call",
    "symbols_call",
    "track_record_call",
    "train_call",
    "tune_call",
    "unreachable_error",
    "wait_s",
]
