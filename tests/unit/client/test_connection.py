"""Does a client send what it must, wait where that helps, and follow pages to their end?"""

import asyncio
import json
from datetime import UTC, datetime

import httpx2
import pytest

from candlecast import errors
from candlecast.client import AsyncCandlecastClient, CandleQuery
from candlecast.schemas import CandlePage
from tests.fakes import make_wire_candles
from tests.unit.client.test_client import URL, answer, client_of, problem_answer


@pytest.mark.parametrize("status", [429, 503])
def test_busy_api_is_asked_again_when_it_says_when(status):
    answers = [problem_answer(status, "Too many requests", headers={"retry-after": "0"})] * 2
    answers.append(httpx2.Response(200, json=[]))

    with client_of(lambda _: answers.pop(0), longest_wait_s=1.0) as client:
        assert client.symbols() == []


def test_busy_api_is_asked_again_by_the_async_client_too():
    answers = [problem_answer(429, "Too many requests", headers={"retry-after": "0"}), httpx2.Response(200, json=[])]

    async def ask():
        transport = httpx2.MockTransport(lambda _: answers.pop(0))
        async with AsyncCandlecastClient(URL, transport=transport) as client:
            return await client.symbols()

    assert asyncio.run(ask()) == []


@pytest.mark.parametrize(
    ("title", "retry_after"), [("Too many requests", "60"), ("Model not ready", "0"), ("Storage unavailable", None)]
)
def test_busy_api_is_not_asked_again_when_that_would_not_help(title, retry_after):
    answers = [problem_answer(503, title, headers=retry_after and {"retry-after": retry_after})]

    with client_of(lambda _: answers.pop(0), longest_wait_s=30.0) as client, pytest.raises(errors.CandlecastError):
        client.symbols()


def test_rollback_that_may_have_been_done_is_not_sent_again():
    answers = [problem_answer(503, "Took too long", headers={"retry-after": "0"})]

    with client_of(lambda _: answers.pop(0), longest_wait_s=30.0) as client:
        with pytest.raises(errors.SourceUnavailableError, match="in words"):
            client.rollback()
        assert not answers


def pages_of_candles(request):
    first = "cursor" not in request.url.params
    candles = make_wire_candles(4)[:2] if first else make_wire_candles(4)[2:]
    page = CandlePage(symbol="BTC/USDT", timeframe="1h", candles=candles, next_cursor="c" if first else None)
    return answer(page)


def test_every_candle_follows_the_pages():
    query = CandleQuery(symbol="BTC/USDT", timeframe="1h", start=datetime(2022, 1, 1, tzinfo=UTC), limit=2)

    with client_of(pages_of_candles) as client:
        assert list(client.every_candle(query)) == make_wire_candles(4)


def test_every_candle_follows_the_pages_asynchronously():
    async def ask():
        async with AsyncCandlecastClient(URL, transport=httpx2.MockTransport(pages_of_candles)) as client:
            return [one async for one in client.every_candle(CandleQuery(symbol="BTC/USDT", timeframe="1h"))]

    assert asyncio.run(ask()) == make_wire_candles(4)


def test_api_key_goes_with_every_request_and_is_left_out_when_empty():
    seen = []

    def handler(request):
        seen.append(request.headers.get("x-api-key"))
        return httpx2.Response(200, json=[])

    for key in ("secret", ""):
        with client_of(handler, api_key=key) as client:
            client.symbols()

    assert seen == ["secret", None]


def test_deleted_alert_has_no_answer():
    seen = []

    def handler(request):
        seen.append((request.method, request.url.path))
        return httpx2.Response(204)

    with client_of(handler) as client:
        assert client.delete_alert(7) is None

    assert seen == [("DELETE", "/v1/alerts/7")]


def test_session_is_put_under_its_id():
    seen = []

    def handler(request):
        seen.append((request.method, request.url.raw_path, json.loads(request.content)))
        return httpx2.Response(200, json={"id": "a/b", "data": {"theme": "dark"}})

    with client_of(handler) as client:
        assert client.keep_session("a/b", {"theme": "dark"}).data == {"theme": "dark"}

    assert seen == [("PUT", b"/v1/sessions/a%2Fb", {"data": {"theme": "dark"}})]


@pytest.mark.parametrize("status", [401, 403])
def test_refused_key_raises_what_says_so(status):
    with client_of(lambda _: problem_answer(status, "Access denied")) as client, pytest.raises(errors.AccessError):
        client.symbols()
