import asyncio

import pytest

from candlecast.errors import SourceUnavailableError
from candlecast.settings import UiSettings
from tests.fakes import make_readiness
from ui import site as module
from ui.answers import Answers
from ui.preference_store import PreferenceStore
from ui.site import Site

READINESS = make_readiness()


class Api:
    """Says how it is once `open` is set."""

    def __init__(self):
        self.open = asyncio.Event()

    async def readiness(self):
        await self.open.wait()
        return READINESS


class Gone:
    async def readiness(self):
        raise SourceUnavailableError("refused")


def standings_of(api, course):
    async def around():
        answers = Answers(ttl_s=0.0)
        return await course(Site(api, answers, PreferenceStore(api, answers), UiSettings(), "http://127.0.0.1:1", 1))

    return asyncio.run(asyncio.wait_for(around(), 20))


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(module, "READY_LIMIT_S", 0.02)


def test_standing_of_an_api_that_never_answered_is_the_error():
    standing = standings_of(Api(), lambda site: site.standing())

    assert "did not answer within 0.02 s" in str(standing.shown)
    assert standing.last is None


def test_standing_of_a_slow_api_is_what_it_said_last_even_to_those_who_had_given_up():
    api = Api()

    async def course(site):
        await site.standing()
        # the question goes on where nobody waits
        api.open.set()
        await asyncio.sleep(0)
        await site.readiness()
        api.open.clear()
        site.answers.renew()
        return await site.standing()

    standing = standings_of(api, course)

    assert standing.shown is READINESS
    assert "did not answer" in str(standing.problem)


def test_standing_of_an_api_that_is_gone_is_never_its_last_word():
    async def course(site):
        await site.last_word.of(answer)
        return await site.standing()

    async def answer():
        return READINESS

    assert str(standings_of(Gone(), course).shown) == "refused"


def test_standing_forgets_a_last_word_that_is_old(monkeypatch):
    monkeypatch.setattr(module, "KEPT_S", -1.0)
    api = Api()

    async def course(site):
        api.open.set()
        await site.readiness()
        api.open.clear()
        site.answers.renew()
        return await site.standing()

    assert standings_of(api, course).last is None
