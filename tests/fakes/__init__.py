"""Stand-ins for parts that a test does not want: a whole HTTP API with made-up, settled answers."""

from tests.fakes.alerts import make_alert, make_delivery
from tests.fakes.api import FakeApi
from tests.fakes.forecasts import LEVELS, MODEL_ID, make_forecast
from tests.fakes.market import NOW, make_indicators, make_price, make_sessions, make_status, make_wire_candles
from tests.fakes.models import make_job, make_model
from tests.fakes.news import hostile_stories, make_score, make_sentiment, make_story
from tests.fakes.record import make_ledger_item, make_outcome, make_record
from tests.fakes.service import make_readiness

__all__ = [
    "LEVELS",
    "MODEL_ID",
    "NOW",
    "FakeApi",
    "hostile_stories",
    "make_alert",
    "make_delivery",
    "make_forecast",
    "make_indicators",
    "make_job",
    "make_ledger_item",
    "make_model",
    "make_outcome",
    "make_price",
    "make_readiness",
    "make_record",
    "make_score",
    "make_sentiment",
    "make_sessions",
    "make_status",
    "make_story",
    "make_wire_candles",
]
