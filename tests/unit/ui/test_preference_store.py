import asyncio
from dataclasses import replace

import pytest

from candlecast.errors import SourceUnavailableError
from candlecast.schemas import Session
from ui.answers import Answers
from ui.preference_store import PreferenceStore
from ui.preferences import Preferences


class Sessions:
    """The two calls of the client that the store makes."""

    def __init__(self):
        self.kept = {}
        self.down = False

    async def session(self, id_):
        if self.down or id_ not in self.kept:
            raise SourceUnavailableError("no session, or no API")
        return Session(id=id_, data=self.kept[id_])

    async def keep_session(self, id_, data):
        if self.down:
            raise SourceUnavailableError("no API")
        self.kept[id_] = dict(data)
        return Session(id=id_, data=self.kept[id_])


@pytest.fixture
def sessions():
    return Sessions()


@pytest.fixture
def store(sessions):
    return PreferenceStore(sessions, Answers())


def test_first_save_makes_up_a_session_nobody_can_guess(store, sessions):
    saved = asyncio.run(store.save(Preferences(theme="dark")))

    assert len(saved.preferences.session) >= 22
    assert saved.problem is None
    assert sessions.kept[saved.preferences.session]["theme"] == "dark"


def test_other_tab_sees_what_one_tab_saved(store):
    async def two_tabs():
        first = (await store.save(Preferences())).preferences
        other = first
        await store.save(first.with_(theme="light"))
        return await store.latest(other)

    assert asyncio.run(two_tabs()).theme == "light"


def test_older_session_does_not_undo_what_the_browser_has(store, sessions):
    async def session_lags():
        saved = (await store.save(Preferences(theme="dark"))).preferences
        newer = replace(saved, theme="light", revision=saved.revision + 5)
        return await store.latest(newer)

    assert asyncio.run(session_lags()).theme == "light"


def test_lost_api_leaves_what_the_browser_has_and_says_so(store, sessions):
    async def cut():
        saved = (await store.save(Preferences(theme="dark"))).preferences
        sessions.down = True
        after = await store.save(saved.with_(theme="light"))
        return after, await store.latest(after.preferences)

    after, latest = asyncio.run(cut())

    assert isinstance(after.problem, SourceUnavailableError)
    assert latest == after.preferences
    assert latest.theme == "light"


def test_reader_who_kept_nothing_costs_no_call(store, sessions):
    sessions.down = True

    assert asyncio.run(store.latest(Preferences())) == Preferences()


def test_hostile_session_data_changes_nothing_but_what_makes_sense(store, sessions):
    async def tampered():
        saved = (await store.save(Preferences())).preferences
        sessions.kept[saved.session] |= {"revision": 99, "theme": "<b>", "session": "B" * 30}
        return saved, await store.latest(saved)

    saved, latest = asyncio.run(tampered())

    assert (latest.theme, latest.session) == ("system", saved.session)
