"""Does a stream go on where its connection ended, and give up only where waiting does not help?"""

import asyncio

import httpx2
import pytest

from candlecast import errors
from candlecast.client import AsyncCandlecastClient, CandlecastClient
from candlecast.schemas import problem

URL = "http://127.0.0.1:8000"
SSE = {"content-type": "text/event-stream"}


def events(*ids: str, retry: str = "retry: 1\n\n") -> httpx2.Response:
    body = retry + "".join(f'id: {id_}\nevent: candle\ndata: {{"n":"{id_}"}}\n\n' for id_ in ids)
    return httpx2.Response(200, content=body.encode(), headers=SSE)


def refusal(status: int) -> httpx2.Response:
    body = problem(status=status, title="Stream unavailable", detail="in words")
    return httpx2.Response(status, json=body, headers={"content-type": "application/problem+json", "retry-after": "0"})


class Api:
    """Answers one connection after the other; remembers what each asked."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers, self.asked = list(answers), []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append((request.url.query.decode(), request.headers.get("last-event-id")))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def heard(api: Api, n: int, **options) -> list[str | None]:
    with CandlecastClient(URL, transport=httpx2.MockTransport(api)) as client:
        stream = client.stream(**options)
        ids = [next(stream).id for _ in range(n)]
        stream.close()
    return ids


def test_stream_goes_on_behind_the_newest_event_it_had():
    api = Api(events("1-0.0", "1-0.1"), httpx2.ConnectError("refused"), refusal(503), events("2-0.0"))

    assert heard(api, 3, symbols=["BTC/USDT", "AAPL"]) == ["1-0.0", "1-0.1", "2-0.0"]
    assert api.asked == [("symbols=BTC%2FUSDT%2CAAPL", last) for last in (None, "1-0.1", "1-0.1", "1-0.1")]


def test_stream_begins_behind_the_event_that_it_was_given():
    api = Api(events("2-0.0"))

    assert heard(api, 1, last_id="1-0.5") == ["2-0.0"]
    assert api.asked == [("", "1-0.5")]


def test_async_stream_goes_on_the_same_way():
    api = Api(events("1-0"), httpx2.ReadTimeout("silent"), events("2-0"))

    async def listen():
        async with AsyncCandlecastClient(URL, transport=httpx2.MockTransport(api)) as client:
            stream = client.stream()
            ids = [(await anext(stream)).id for _ in range(2)]
            await stream.aclose()
            return ids

    assert asyncio.run(listen()) == ["1-0", "2-0"]


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (httpx2.ConnectError("refused"), errors.SourceUnavailableError),
        (refusal(503), errors.SourceUnavailableError),
        (refusal(422), errors.InvalidRequestError),
        (httpx2.Response(502, content=b"bad gateway"), errors.SourceUnavailableError),
        (httpx2.Response(200, json={}), errors.SourceUnavailableError),
    ],
)
def test_stream_that_never_began_says_why(first, kind):
    with pytest.raises(kind):
        heard(Api(first), 1)


def test_stream_that_is_no_longer_allowed_ends():
    with pytest.raises(errors.AccessError):
        heard(Api(events("1-0"), refusal(401)), 2)


def test_stream_of_one_connection_ends_with_it():
    with CandlecastClient(URL, transport=httpx2.MockTransport(Api(events("1-0", "1-1")))) as client:
        assert [event.id for event in client.stream(once=True)] == ["1-0", "1-1"]


def test_async_stream_of_one_connection_ends_with_it():
    async def listen():
        async with AsyncCandlecastClient(URL, transport=httpx2.MockTransport(Api(events("1-0")))) as client:
            return [event.id async for event in client.stream(once=True)]

    assert asyncio.run(listen()) == ["1-0"]
