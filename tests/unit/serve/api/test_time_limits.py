"""Is a request given up in time, and the stream never?"""

import asyncio

import httpx2
import pytest
from starlette.responses import PlainTextResponse

from serve.api.time_limits import TimeLimits

LIMITS_S = {"/slow": 0.02, "/stream": None}


async def slow(scope, receive, send):
    if scope["path"] == "/slow/inner":
        raise TimeoutError("of something else")
    await asyncio.sleep(0.1)
    await PlainTextResponse("done")(scope, receive, send)


def get(path: str) -> httpx2.Response:
    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(TimeLimits(slow, LIMITS_S))
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_request_beyond_its_limit_is_a_503_that_says_so():
    answer = get("/slow/one")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "/slow/one was given up after 0 s" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/stream", "/else"])
def test_request_within_its_limit_or_without_one_is_answered(path):
    assert get(path).text == "done"


def test_time_out_of_something_else_is_not_taken_for_ours():
    with pytest.raises(TimeoutError, match="something else"):
        get("/slow/inner")
