"""Does heavy work wait in bounded numbers, and is the rest told when to come back?"""

import asyncio

import httpx2
import pytest
from starlette.responses import PlainTextResponse

from serve.api.admission import Admission, wait_elsewhere

ROUTE = ("POST", "/heavy")


class Heavy:
    """Answers when it is told to; may wait elsewhere first."""

    def __init__(self, *, elsewhere: bool = False) -> None:
        self.go_on = asyncio.Event()
        self.has_come = asyncio.Event()
        self._elsewhere = elsewhere

    async def __call__(self, scope, receive, send):
        self.has_come.set()
        if self._elsewhere:
            wait_elsewhere(scope)
        if scope["path"] == "/heavy":
            await self.go_on.wait()
        await PlainTextResponse("done")(scope, receive, send)


def ask(heavy: Heavy, n: int, *, path: str = "/heavy", n_bytes: int = 100) -> list[httpx2.Response]:
    """Return the answers to `n` requests, one soon after the other; the work goes on when all have come."""

    async def all_at_once() -> list[httpx2.Response]:
        transport = httpx2.ASGITransport(Admission(heavy, {ROUTE: 200}))
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            asked = []
            for _ in range(n):
                asked.append(asyncio.create_task(client.post(path, content=b"x" * n_bytes)))
                await asyncio.sleep(0.005)
            heavy.go_on.set()
            return await asyncio.gather(*asked)

    return asyncio.run(all_at_once())


def test_requests_beyond_the_limit_are_refused_with_a_time_to_come_back():
    answers = ask(Heavy(), 5)

    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("n_bytes", "n_answered"), [(40, 5), (60, 3), (200, 1), (10_000, 1), (0, 1)])
def test_requests_weigh_as_much_as_their_bodies_and_one_is_always_let_in(n_bytes, n_answered):
    answers = ask(Heavy(), 5, n_bytes=n_bytes)

    assert [answer.status_code for answer in answers].count(200) == n_answered


def test_place_is_free_again_after_the_answer():
    async def twice() -> list[int]:
        heavy = Heavy()
        heavy.go_on.set()
        transport = httpx2.ASGITransport(Admission(heavy, {ROUTE: 1}))
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            return [(await client.post("/heavy")).status_code for _ in range(3)]

    assert asyncio.run(twice()) == [200, 200, 200]


def test_place_rests_where_others_were_refused_and_is_free_again_after(monkeypatch):
    async def one_after_the_other() -> list[int]:
        heavy, resting = Heavy(), []
        transport = httpx2.ASGITransport(Admission(heavy, {ROUTE: 1}))
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            first = asyncio.create_task(client.post("/heavy"))
            await heavy.has_come.wait()
            statuses = [(await client.post("/heavy")).status_code]
            loop = asyncio.get_running_loop()
            monkeypatch.setattr(loop, "call_later", lambda delay_s, *call: resting.append((delay_s, call)))
            heavy.go_on.set()
            statuses += [(await first).status_code, (await client.post("/heavy")).status_code]
            [(delay_s, (give_back, *arguments))] = resting
            assert 0 < delay_s <= 0.1
            give_back(*arguments)
            return [*statuses, (await client.post("/heavy")).status_code]

    assert asyncio.run(one_after_the_other()) == [429, 200, 429, 200]


def test_requests_that_wait_elsewhere_take_no_place():
    assert [answer.status_code for answer in ask(Heavy(elsewhere=True), 5)] == [200] * 5


def test_other_routes_are_not_counted():
    assert [answer.status_code for answer in ask(Heavy(), 5, path="/light")] == [200] * 5
