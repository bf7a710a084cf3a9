"""Does the started stack answer those it is for?"""

import time

import httpx2

from candlecast.client import CandlecastClient
from tests.compose.conftest import SYMBOLS
from tests.compose.stack import ComposeStack


def test_forecast_asked_from_the_host_is_answered(client: CandlecastClient):
    forecast = client.forecast(symbol=SYMBOLS[0], timeframe="1h", horizon=1)

    assert forecast.symbol == SYMBOLS[0]
    assert 0 < forecast.p_up < 1
    assert forecast.made_at < forecast.target_time
    assert all(interval.low < forecast.last_close < interval.high for interval in forecast.intervals)


def test_forecast_moves_on_with_the_candles_that_ingest_stores(client: CandlecastClient):
    first = client.forecast(symbol=SYMBOLS[1], timeframe="1h", horizon=1)
    deadline_s = time.monotonic() + 120

    newest = first
    while newest.as_of == first.as_of and time.monotonic() < deadline_s:
        time.sleep(1)
        newest = client.forecast(symbol=SYMBOLS[1], timeframe="1h", horizon=1)

    assert newest.as_of > first.as_of


def test_stream_of_events_stays_open_through_the_edge(client: CandlecastClient):
    told = next(event for event in client.stream([SYMBOLS[0]], once=True) if event.event == "candle")

    assert told.data["symbol"] == SYMBOLS[0]


def test_page_is_served_to_the_host(stack: ComposeStack):
    answer = httpx2.get(stack.url("ui"), timeout=30)

    assert answer.status_code == httpx2.codes.OK
    assert "Candlecast" in answer.text
