import asyncio
import json
from datetime import UTC, datetime

import httpx2
import pytest

from candlecast import errors
from candlecast.client import AsyncCandlecastClient, CandlecastClient, CandleQuery, NewsFilter
from candlecast.schemas import (
    CandlePage,
    ForecastItem,
    ForecastResult,
    ForecastResults,
    NewsPage,
    PriceResult,
    PriceResults,
    SentimentSummary,
    problem,
)
from tests.fakes import make_forecast, make_price, make_readiness, make_status, make_wire_candles

URL = "http://127.0.0.1:8000"


def client_of(handler, *, longest_wait_s=0.0, **options):
    return CandlecastClient(URL, transport=httpx2.MockTransport(handler), longest_wait_s=longest_wait_s, **options)


def answer(model, *, status=200):
    return httpx2.Response(status, json=model.model_dump(mode="json"))


def problem_answer(status, title, *, headers=None):
    body = problem(status=status, title=title, detail="in words")
    return httpx2.Response(status, json=body, headers={"content-type": "application/problem+json"} | (headers or {}))


def test_symbols_of_a_list_are_read_as_statuses():
    wanted = [make_status("BTC/USDT"), make_status("AAPL")]
    body = [status.model_dump(mode="json") for status in wanted]

    with client_of(lambda _: httpx2.Response(200, json=body)) as client:
        assert client.symbols() == wanted


def test_candles_with_span_send_every_part_of_the_query():
    seen = []
    page = CandlePage(symbol="BTC/USDT", timeframe="1h", candles=make_wire_candles(3))

    def handler(request):
        seen.append(request.url)
        return answer(page)

    query = CandleQuery(
        symbol="BTC/USDT", timeframe="1h", start=datetime(2022, 1, 1, tzinfo=UTC), limit=3, cursor="next"
    )
    with client_of(handler) as client:
        got = client.candles(query)

    assert got == page
    assert seen[0].path == "/v1/candles"
    assert dict(seen[0].params) == {
        "symbol": "BTC/USDT",
        "timeframe": "1h",
        "limit": "3",
        "start": "2022-01-01T00:00:00+00:00",
        "cursor": "next",
    }


def test_prices_of_some_symbols_are_read_in_order():
    seen = []
    wanted = PriceResults(items=[PriceResult(price=make_price("AAPL")), PriceResult(price=make_price("BTC/USDT"))])

    def handler(request):
        seen.append(dict(request.url.params))
        return answer(wanted)

    with client_of(handler) as client:
        assert client.prices(["AAPL", "BTC/USDT"]) == wanted
        client.prices()

    assert seen == [{"symbols": "AAPL,BTC/USDT"}, {"symbols": ""}]


def test_forecasts_batch_is_posted_and_answered_in_order():
    bodies = []
    wanted = ForecastResults(items=[ForecastResult(forecast=make_forecast("ETH/USDT"))])

    def handler(request):
        bodies.append((request.method, json.loads(request.content)))
        return answer(wanted)

    with client_of(handler) as client:
        got = client.forecasts([ForecastItem(symbol="ETH/USDT", timeframe="1h")])

    assert got == wanted
    assert bodies == [("POST", {"items": [{"symbol": "ETH/USDT", "timeframe": "1h", "horizon": 1}]})]


def test_news_and_their_summary_are_asked_for_and_read():
    unknown = dict.fromkeys(("score", "dispersion", "negative_share", "surprise", "trend"))
    when = datetime(2022, 1, 1, tzinfo=UTC)
    summary = SentimentSummary(symbol="BTC/USDT", window="7d", as_of=when, engine="vader", version="1", n=0, **unknown)
    answers = {"/v1/sentiment": summary, "/v1/news": NewsPage(items=[], next_cursor="1-2")}

    with client_of(lambda request: answer(answers[request.url.path])) as client:
        assert client.sentiment_summary("BTC/USDT", window="7d") == summary
        assert client.news(NewsFilter(symbol="BTC/USDT")) == answers["/v1/news"]


def test_readiness_of_503_with_the_same_body_is_an_answer():
    readiness = make_readiness(ready=False)

    with client_of(lambda _: answer(readiness, status=503)) as client:
        assert client.readiness() == readiness


@pytest.mark.parametrize(
    ("status", "title", "kind"),
    [
        (404, "Unknown symbol", errors.UnknownSymbolError),
        (404, "Not Found", errors.InvalidRequestError),
        (409, "Insufficient history", errors.InsufficientHistoryError),
        (422, "Invalid request", errors.InvalidRequestError),
        (429, "Too many requests", errors.SourceRateLimitedError),
        (503, "Stale data", errors.StaleDataError),
        (503, "Model not ready", errors.ModelNotReadyError),
        (503, "Model integrity", errors.ModelIntegrityError),
        (503, "Storage unavailable", errors.StorageError),
        (500, "Internal error", errors.SourceUnavailableError),
    ],
)
def test_problem_of_each_kind_raises_its_error_with_the_detail(status, title, kind):
    with client_of(lambda _: problem_answer(status, title)) as client, pytest.raises(kind, match="in words") as caught:
        client.forecast("BTC/USDT", "1h")

    assert type(caught.value) is kind
    assert str(caught.value) == "in words"


def test_problem_429_carries_the_wait_that_was_asked_for():
    busy = problem_answer(429, "Too many requests", headers={"retry-after": "7"})

    with client_of(lambda _: busy) as client, pytest.raises(errors.SourceRateLimitedError) as caught:
        client.symbols()

    assert caught.value.retry_after_s == 7.0


def test_readiness_of_a_problem_503_raises():
    with (
        client_of(lambda _: problem_answer(503, "Storage unavailable")) as client,
        pytest.raises(errors.StorageError),
    ):
        client.readiness()


def test_refused_connection_names_address_and_command():
    def refuse(request):
        raise httpx2.ConnectError("refused", request=request)

    with client_of(refuse) as client, pytest.raises(errors.SourceUnavailableError) as caught:
        client.symbols()

    assert "http://127.0.0.1:8000;" in str(caught.value)
    assert "`candlecast run`" in str(caught.value)


def test_silent_api_is_said_to_be_late():
    def wait(request):
        raise httpx2.ReadTimeout("slow", request=request)

    with client_of(wait) as client, pytest.raises(errors.SourceUnavailableError, match="did not answer in time"):
        client.symbols()


@pytest.mark.parametrize("response", [(200, b"<html>"), (200, b"[1]"), (502, b"bad gateway")])
def test_foreign_body_is_named_as_not_candlecast(response):
    status, body = response

    with (
        client_of(lambda _: httpx2.Response(status, content=body)) as client,
        pytest.raises(errors.SourceUnavailableError, match=f"answered {status} with a body that is not Candlecast's"),
    ):
        client.symbols()


def test_async_client_gives_the_same_answers_and_errors():
    forecast = make_forecast()

    def handler(request):
        good = request.url.path == "/v1/forecasts/latest"
        return answer(forecast) if good else problem_answer(503, "Stale data")

    async def ask():
        async with AsyncCandlecastClient(URL, transport=httpx2.MockTransport(handler)) as client:
            got = await client.forecast("BTC/USDT", "1h", horizon=1)
            with pytest.raises(errors.StaleDataError, match="in words"):
                await client.symbols()
            return got

    assert asyncio.run(ask()) == forecast


def test_both_clients_offer_the_same_methods_for_every_route():
    names = [{name for name in dir(kind) if name[0] != "_"} for kind in (CandlecastClient, AsyncCandlecastClient)]

    assert names[0] == names[1]
    assert names[0] >= {"symbols", "prices", "candles", "indicators", "forecast", "forecasts", "ledger"}
    assert names[0] >= {"track_record", "sentiment", "sentiment_summary", "news", "models", "model", "promote"}
    assert names[0] >= {"rollback", "train", "tune", "job", "alerts", "create_alert", "delete_alert"}
    assert names[0] >= {"alert_deliveries", "session", "keep_session", "stream", "readiness", "close"}
