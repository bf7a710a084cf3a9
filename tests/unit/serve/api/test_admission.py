"""Does heavy work wait in bounded numbers, and is the rest told when to come back?"""

import asyncio

import httpx2
import pytest
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from serve.api import admission
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


class Upload:
    """A request whose body comes in two parts, the second one when it is told to."""

    def __init__(self, n_bytes: int) -> None:
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": "/heavy",
            "query_string": b"",
            "headers": [(b"content-length", str(n_bytes).encode())],
        }
        self.go_on = asyncio.Event()
        self.sent = []
        self._parts = iter((b"x", b"x" * (n_bytes - 1)))

    async def receive(self):
        part = next(self._parts)
        if len(part) > 1:
            await self.go_on.wait()
        return {"type": "http.request", "body": part, "more_body": len(part) == 1}

    async def send(self, message):
        self.sent.append(message)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]


async def echo(scope, receive, send):
    message = await receive()
    await PlainTextResponse(str(len(message["body"])))(scope, receive, send)


def test_bodies_that_come_slowly_keep_nobody_out_and_are_whole_in_the_end():
    async def around() -> list[Upload]:
        layer, slow, quick = Admission(echo, {ROUTE: 200}), [Upload(100), Upload(100)], Upload(200)
        uploads = [asyncio.create_task(layer(one.scope, one.receive, one.send)) for one in slow]
        await asyncio.sleep(0)
        quick.go_on.set()
        await layer(quick.scope, quick.receive, quick.send)
        for one in slow:
            one.go_on.set()
        await asyncio.gather(*uploads)
        return [quick, *slow]

    found = asyncio.run(around())

    assert [one.status for one in found] == [200, 200, 200]
    assert [one.sent[1]["body"] for one in found] == [b"200", b"100", b"100"]


def test_body_that_is_whole_only_when_the_place_is_taken_is_refused():
    async def around() -> list[int]:
        heavy, slow, other = Heavy(), Upload(200), Upload(200)
        layer = Admission(heavy, {ROUTE: 200})
        first = asyncio.create_task(layer(slow.scope, slow.receive, slow.send))
        await asyncio.sleep(0)
        other.go_on.set()
        second = asyncio.create_task(layer(other.scope, other.receive, other.send))
        await heavy.has_come.wait()
        slow.go_on.set()
        await first
        heavy.go_on.set()
        await second
        return [slow.status, other.status]

    assert asyncio.run(around()) == [429, 200]


def test_body_that_does_not_come_in_time_is_refused_and_frees_the_request(monkeypatch):
    monkeypatch.setattr(admission, "_LONGEST_BODY_S", 0.01)
    slow = Upload(100)

    asyncio.run(Admission(echo, {ROUTE: 200})(slow.scope, slow.receive, slow.send))

    assert slow.status == 408
    assert b"was not whole after 0.01 s" in slow.sent[1]["body"]


def test_body_that_turns_out_too_large_is_refused_as_that():
    async def receive():
        raise HTTPException(413, "body must be at most 16 bytes")

    large = Upload(100)

    asyncio.run(Admission(echo, {ROUTE: 200})(large.scope, receive, large.send))

    assert large.status == 413


def test_client_that_goes_before_its_body_is_whole_is_no_error():
    async def gone():
        return {"type": "http.disconnect"}

    async def app(scope, receive, send):
        seen.append(await receive())

    seen, left = [], Upload(100)

    asyncio.run(Admission(app, {ROUTE: 200})(left.scope, gone, left.send))

    assert seen == [{"type": "http.disconnect"}]
