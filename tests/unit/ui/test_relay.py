import asyncio
import json

import pytest

from candlecast.errors import SourceUnavailableError
from candlecast.schemas import Check, StreamEvent
from candlecast.settings import UiSettings
from tests.fakes import make_readiness
from ui import api_link, relay
from ui.answers import Answers
from ui.preference_store import PreferenceStore
from ui.site import Site


class Api:
    """What the relay asks of the client: a stream that may be cut, and readiness."""

    def __init__(self, *batches):
        self.batches = list(batches)
        self.asked_after = []
        self.readiness_answer = make_readiness()

    async def stream(self, symbols, *, last_id, once):
        self.asked_after.append(last_id)
        if not self.batches:
            raise SourceUnavailableError("cut")
        for event in self.batches.pop(0):
            yield event
        raise SourceUnavailableError("cut")

    async def readiness(self):
        if isinstance(self.readiness_answer, Exception):
            raise self.readiness_answer
        return self.readiness_answer


def site_of(api):
    answers = Answers()
    return Site(api, answers, PreferenceStore(api, answers), UiSettings(), "http://127.0.0.1:1", 1)


def price(number, value=1.0):
    return StreamEvent(id=f"{number}-0", event="price", data={"symbol": "BTC/USDT", "price": value})


def heard(site, *, n, last_id=""):
    """Return the first `n` events that a browser hears, as (kind, id, data)."""

    async def listen():
        events = relay._events(site, relay._Asked(site.client, [], last_id))
        found = []
        async for chunk in events:
            lines = dict(line.split(": ", 1) for line in chunk.decode().strip().splitlines())
            if "data" in lines:
                found.append((lines["event"], lines.get("id"), json.loads(lines["data"])))
            if len(found) == n:
                await events.aclose()
                return found

    return asyncio.run(asyncio.wait_for(listen(), 5))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(relay, "LINK_S", 0.01)
    monkeypatch.setattr(relay, "FIRST_PAUSE_S", 0.005)
    monkeypatch.setattr(api_link, "PATIENCE_S", 0.05)


def test_relay_passes_events_on_with_their_ids():
    events = heard(site_of(Api([price(1), price(2, 7.5)])), n=4)

    assert ("price", "2-0", {"symbol": "BTC/USDT", "price": 7.5}) in events


def test_relay_goes_on_behind_the_last_event_after_a_cut():
    api = Api([price(1)], [price(2)])

    events = heard(site_of(api), n=8, last_id="0-9")

    assert [number for kind, number, _ in events if kind == "price"] == ["1-0", "2-0"]
    assert api.asked_after[:2] == ["0-9", "1-0"]


def test_relay_says_when_the_api_is_gone():
    api = Api()
    api.readiness_answer = SourceUnavailableError("gone")

    first, *_, last = [told for kind, _, told in heard(site_of(api), n=15)]

    assert first == {"api": False, "stream": None, "failing": []}
    assert last == {"api": False, "stream": False, "failing": []}


class Slow(Api):
    """An API whose events come while it does not say in time how it is."""

    async def stream(self, symbols, *, last_id, once):
        for number in range(1_000):
            yield price(number)
            await asyncio.sleep(0.005)

    async def readiness(self):
        await asyncio.sleep(0.02)
        raise SourceUnavailableError("no answer in time")


def test_relay_does_not_call_an_api_gone_whose_events_come():
    events = heard(site_of(Slow()), n=30)

    told = [told for kind, _, told in events if kind == "link"]
    assert told
    assert all(one["api"] and one["stream"] for one in told)


def test_relay_says_nothing_of_a_stream_that_ends_and_is_there_again_at_once():
    api = Api(*([price(number)] for number in range(40)))

    told = [told["stream"] for kind, _, told in heard(site_of(api), n=30) if kind == "link"]

    assert False not in told


async def until(events, told):
    while told not in await anext(events):
        pass


def test_relay_asks_at_once_for_the_stream_when_the_api_is_back(monkeypatch):
    monkeypatch.setattr(relay, "FIRST_PAUSE_S", 60)
    monkeypatch.setattr(relay, "_LONGEST_PAUSE_S", 60)
    api = Api()
    api.readiness_answer = SourceUnavailableError("gone")
    site = site_of(api)

    async def around():
        events = relay._events(site, relay._Asked(site.client, [], ""))
        await until(events, b'"api":false')
        api.batches, api.readiness_answer = [[price(1)]], make_readiness()
        await until(events, b"event: price")
        await events.aclose()

    asyncio.run(asyncio.wait_for(around(), 5))


def test_answer_that_waits_since_before_a_cut_is_asked_for_again(monkeypatch):
    api = Api()
    api.readiness_answer = SourceUnavailableError("gone")
    site = site_of(api)

    async def around():
        events = relay._events(site, relay._Asked(site.client, [], ""))
        await until(events, b'"api":false')
        hanging = asyncio.ensure_future(site.answers.get("candles", asyncio.Event().wait))
        api.readiness_answer = make_readiness()
        await until(events, b'"api":true')
        found = await site.answers.get("candles", fresh_candles)
        hanging.cancel()
        await events.aclose()
        return found

    async def fresh_candles():
        return "fresh"

    assert asyncio.run(asyncio.wait_for(around(), 5)) == "fresh"


def test_relay_names_failing_checks():
    api = Api()
    api.readiness_answer = make_readiness(checks=[Check(name="redis", ok=False, detail="down")])

    [(_, _, told)] = heard(site_of(api), n=1)

    assert told["failing"] == ["redis"]


def test_relay_says_that_the_stream_lives_only_while_events_can_be_read():
    beat = StreamEvent(id=None, event="heartbeat", data={"live": False, "market_time": "2022-01-01T00:00:00Z"})

    async def hang():
        await asyncio.sleep(60)

    class Held(Api):
        async def stream(self, symbols, *, last_id, once):
            yield beat
            await hang()

    events = heard(site_of(Held()), n=4)

    assert events[-1][2]["stream"] is False


def test_closed_candle_makes_kept_answers_old():
    site = site_of(Api([StreamEvent(id="5-0", event="candle", data={"symbol": "BTC/USDT"})]))
    asked = []

    async def ask():
        asked.append(1)
        return len(asked)

    async def around():
        await site.answers.get("candles", ask)
        events = relay._events(site, relay._Asked(site.client, [], ""))
        await until(events, b"event: candle")
        await events.aclose()
        return await site.answers.get("candles", ask)

    assert asyncio.run(around()) == 2
