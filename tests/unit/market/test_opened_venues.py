import asyncio

import pytest
import stamina

from candlecast.errors import SourceBlockedError, SourceUnavailableError
from candlecast.market.opened_venues import ATTEMPTS, OpenedVenues


class Venue:
    def __init__(self, name):
        self.name, self.closed = name, False

    async def close(self):
        self.closed = True


@pytest.fixture(autouse=True)
def no_pauses():
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


def run(course):
    opened = []

    def open_venue(name):
        opened.append(Venue(name))
        return opened[-1]

    async def around():
        return await course(OpenedVenues(["binance"], open_venue=open_venue, blocked_s=60.0))

    return asyncio.run(around()), opened


async def name_of(venue):
    return venue.name


def test_venue_is_opened_once_for_all_who_ask_and_closed_once():
    async def course(venues):
        answers = await asyncio.gather(*(venues.ask("kraken", name_of) for _ in range(5)))
        await venues.close()
        return [answer for _, answer in answers]

    answers, opened = run(course)

    assert answers == ["kraken"] * 5
    assert [(venue.name, venue.closed) for venue in opened] == [("kraken", True)]


@pytest.mark.parametrize(
    ("error", "n_calls"), [(SourceUnavailableError("away"), ATTEMPTS), (SourceBlockedError("banned"), 1)]
)
def test_patience_is_for_failures_that_may_pass(error, n_calls):
    calls = []

    async def fail(venue):
        calls.append(venue)
        raise error

    async def course(venues):
        with pytest.raises(type(error)):
            await venues.ask_patiently("binance", fail)

    run(course)

    assert len(calls) == n_calls


def test_states_name_the_venues_of_the_order_and_those_that_were_needed():
    async def course(venues):
        await venues.ask("kraken", name_of)
        return list(venues.states())

    assert run(course)[0] == ["binance", "kraken"]
