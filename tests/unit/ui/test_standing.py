import asyncio

import pytest

from candlecast.errors import SourceUnavailableError
from tests.fakes import make_readiness
from ui.standing import LastWord

READINESS = make_readiness()


async def answer():
    return READINESS


def test_last_word_is_kept_for_a_while_and_is_none_before_any():
    async def around():
        word = LastWord()
        before = word.within(60)
        await word.of(answer)
        recent = word.within(60)
        word.came_s -= 61
        return before, recent, word.within(60)

    assert asyncio.run(around()) == (None, READINESS, None)


def test_last_word_outlives_a_question_that_fails():
    async def fail():
        raise SourceUnavailableError("refused")

    async def around():
        word = LastWord()
        await word.of(answer)
        with pytest.raises(SourceUnavailableError):
            await word.of(fail)
        return word.within(60)

    assert asyncio.run(around()) is READINESS
