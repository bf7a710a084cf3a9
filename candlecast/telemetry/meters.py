"""What is counted and timed? Every meter of the work itself; counting one costs about a microsecond.

Names are those that Prometheus shows. Lags are market seconds, all other times wall seconds. Meters do not travel
between processes: a class that Ray sends reaches them through this module, not by name.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

METERS = CollectorRegistry()

_QUICK_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_LAGS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 3_600.0, 14_400.0)

ProcessCollector(registry=METERS)

CANDLES = Counter("candlecast_candles", "Sound candles that came in.", ["source", "quality"], registry=METERS)
CANDLE_WRITES = Counter("candlecast_candle_writes", "What became of rows that came in.", ["outcome"], registry=METERS)
CANDLE_LAG_S = Histogram(
    "candlecast_candle_lag_seconds",
    "Market seconds from the close of a candle until it was stored, of those that came live.",
    ["source"],
    buckets=_LAGS_S,
    registry=METERS,
)
CANDLE_WRITE_S = Histogram(
    "candlecast_candle_write_seconds", "Time of one write, with its checks.", buckets=_QUICK_S, registry=METERS
)
CANDLES_WAITING = Gauge("candlecast_candles_waiting", "Rows that wait to be written.", registry=METERS)
SOURCE_CALLS = Counter(
    "candlecast_source_calls",
    "Questions to venues and feeds, and how they ended.",
    ["source", "outcome"],
    registry=METERS,
)
SOURCE_LEFT_ALONE = Gauge(
    "candlecast_source_left_alone", "1 while a venue or feed is not asked after failures.", ["source"], registry=METERS
)
ACTORS_LOST = Counter("candlecast_ingest_actors_lost", "Ingest actors that were replaced.", registry=METERS)

FORECASTS = Counter(
    "candlecast_forecasts_made", "Forecasts recorded in the ledger.", ["timeframe", "horizon", "seen"], registry=METERS
)
FORECAST_LAG_S = Histogram(
    "candlecast_forecast_lag_seconds",
    "Market seconds from the close of a candle until its forecast was made.",
    buckets=_LAGS_S,
    registry=METERS,
)
_STAGES_S = Histogram(
    "candlecast_forecast_stage_seconds",
    "Time of one stage of a batch of forecasts.",
    ["stage"],
    buckets=_QUICK_S,
    registry=METERS,
)
CANDLE_READ_S = _STAGES_S.labels("candles")
FEATURES_S = _STAGES_S.labels("features")
PREDICT_S = _STAGES_S.labels("predict")
RECORD_S = _STAGES_S.labels("record")

SETTLED = Counter("candlecast_forecasts_settled", "Forecasts that got an outcome.", ["outcome"], registry=METERS)
SETTLING_WAITING = Gauge(
    "candlecast_forecasts_waiting", "Forecasts past their target time that wait for its candle.", registry=METERS
)

TEXTS = Counter("candlecast_texts_judged", "Texts that the sentiment engines judged.", ["engine"], registry=METERS)
TEXTS_S = Histogram(
    "candlecast_texts_seconds", "Time to judge texts together.", ["engine"], buckets=_QUICK_S, registry=METERS
)
STREAM_CLIENTS = Gauge("candlecast_stream_clients", "Clients that listen to the stream.", registry=METERS)
