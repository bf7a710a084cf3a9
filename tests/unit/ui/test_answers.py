import asyncio

import pytest

from candlecast.errors import StorageError
from ui.answers import Answers


class Api:
    def __init__(self):
        self.n_asked = 0

    async def ask(self):
        self.n_asked += 1
        number = self.n_asked
        await asyncio.sleep(0)
        return number

    async def fail(self):
        self.n_asked += 1
        await asyncio.sleep(0)
        raise StorageError("down")


def test_equal_questions_at_once_are_asked_once():
    api, answers = Api(), Answers()

    async def many():
        return await asyncio.gather(*(answers.get("symbols", api.ask) for _ in range(20)))

    assert asyncio.run(many()) == [1] * 20


def test_other_question_is_asked_for_itself():
    api, answers = Api(), Answers()

    async def two():
        return [await answers.get(key, api.ask) for key in ("a", "b", "a")]

    assert asyncio.run(two()) == [1, 2, 1]


def test_answer_older_than_its_time_is_asked_again():
    api, answers = Api(), Answers()

    async def later():
        return [await answers.get("a", api.ask, ttl_s=0.0) for _ in range(2)]

    assert asyncio.run(later()) == [1, 2]


def test_error_reaches_all_who_wait_and_is_not_kept():
    api, answers = Api(), Answers()

    async def failing():
        found = await asyncio.gather(*(answers.get("a", api.fail) for _ in range(3)), return_exceptions=True)
        return found, await answers.get("a", api.ask)

    errors, after = asyncio.run(failing())

    assert [type(error) for error in errors] == [StorageError] * 3
    assert after == 2


def test_renewed_answers_are_asked_again_even_those_on_their_way():
    api, answers = Api(), Answers()

    async def event_meanwhile():
        before = asyncio.ensure_future(answers.get("a", api.ask))
        await asyncio.sleep(0)
        answers.renew(cause="17-0")
        return await before, await answers.get("a", api.ask)

    assert asyncio.run(event_meanwhile()) == (1, 2)


def test_event_that_many_tabs_hear_renews_once():
    api, answers = Api(), Answers()

    async def heard_twice():
        answers.renew(cause="17-0")
        first = await answers.get("a", api.ask)
        answers.renew(cause="17-0")
        return first, await answers.get("a", api.ask)

    assert asyncio.run(heard_twice()) == (1, 1)


def test_answer_about_a_version_outlives_events():
    api, answers = Api(), Answers()

    async def versioned():
        first = await answers.get(("closes", "v1"), api.ask, fresh=False)
        answers.renew()
        return first, await answers.get(("closes", "v1"), api.ask, fresh=False)

    assert asyncio.run(versioned()) == (1, 1)


def test_answers_beyond_the_capacity_drop_the_least_recently_asked():
    api, answers = Api(), Answers(capacity=2)

    async def three():
        for key in ("a", "b", "a", "c"):
            await answers.get(key, api.ask)
        return await answers.get("a", api.ask), await answers.get("b", api.ask), len(answers)

    assert asyncio.run(three()) == (1, 4, 2)


def test_tab_that_leaves_does_not_take_the_answer_from_the_others():
    api, answers = Api(), Answers()

    async def one_leaves():
        leaving = asyncio.ensure_future(answers.get("a", api.ask))
        staying = asyncio.ensure_future(answers.get("a", api.ask))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        return await staying

    assert asyncio.run(one_leaves()) == 1
