"""Is a body taken in whole, once, and in time?"""

import asyncio

import pytest

from serve.api.bodies import given_on, whole_body


def receiving(*messages):
    waiting = list(messages)

    async def receive():
        return waiting.pop(0)

    return receive


def part(body, *, more):
    return {"type": "http.request", "body": body, "more_body": more}


def test_body_in_parts_becomes_one_message():
    receive = receiving(part(b"ab", more=True), part(b"", more=True), part(b"c", more=False))

    assert asyncio.run(whole_body(receive, limit_s=5)) == part(b"abc", more=False)


def test_body_without_an_end_is_given_up():
    async def receive():
        await asyncio.sleep(0.002)
        return part(b"a", more=True)

    with pytest.raises(TimeoutError):
        asyncio.run(whole_body(receive, limit_s=0.02))


def test_client_that_goes_is_told_as_gone():
    gone = {"type": "http.disconnect"}

    assert asyncio.run(whole_body(receiving(part(b"a", more=True), gone), limit_s=5)) == gone


def test_body_is_given_on_once_and_then_what_comes_after_it():
    async def twice():
        receive = given_on(part(b"abc", more=False), receiving({"type": "http.disconnect"}))
        return [(await receive())["type"], (await receive())["type"]]

    assert asyncio.run(twice()) == ["http.request", "http.disconnect"]
