"""Does whoever asks Redis stay in command of its own task?"""

import asyncio

import pytest

from candlecast.storage.redis_link import RedisLink


def test_question_that_forgets_its_cancellation_is_cancelled_all_the_same():
    begun = asyncio.Event()

    async def question(_) -> str:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "answered"
        raise AssertionError("not reached")

    async def cancelled() -> None:
        link = RedisLink("redis://127.0.0.1:1/0")
        asking = asyncio.create_task(link.ask(question))
        await begun.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await link.close()

    asyncio.run(cancelled())


def test_question_of_a_task_that_was_cancelled_before_is_answered():
    async def question(_) -> str:
        await asyncio.sleep(0)
        return "released"

    async def clean_up(link: RedisLink) -> str | None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return await link.ask(question)
        raise AssertionError("not reached")

    async def cancelled() -> str | None:
        link = RedisLink("redis://127.0.0.1:1/0")
        cleaning = asyncio.create_task(clean_up(link))
        await asyncio.sleep(0)
        cleaning.cancel()
        return await cleaning

    assert asyncio.run(cancelled()) == "released"
