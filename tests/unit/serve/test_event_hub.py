"""Does every client hear what it asked for, the slow ones included? A log in memory instead of Redis."""

import asyncio
from datetime import timedelta

import pytest
from structlog.contextvars import bound_contextvars, get_contextvars

from candlecast.storage.event_log import Entry, Position
from serve.event_hub import EventHub, StreamUnavailableError, silent_hub
from serve.server_events import Place
from tests.builders import make_frozen_clock
from tests.fakes import NOW

ALL = frozenset()


class MemoryLog:
    """Entries in a list; counts its readers."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.came = asyncio.Event()
        self.n_reading = 0
        self.known_to_reader: dict | None = None
        self.cut: bool | None = False
        self.away = False

    def publish(self, channel: str, *payloads: dict) -> None:
        self.entries.append(Entry(f"{len(self.entries) + 1}-0", channel, payloads))
        self.came.set()

    async def end(self):
        return Position(f"{len(self.entries)}-0", "0-0")

    async def read(self, after, *, wait_s):
        self.n_reading += 1
        self.known_to_reader = get_contextvars()
        if self.away:
            self.n_reading -= 1
            return None
        try:
            n_had = int(after.kept.partition("-")[0])
            if len(self.entries) <= n_had:
                self.came.clear()
                await self.came.wait()
            return self.entries[n_had:], await self.end()
        finally:
            self.n_reading -= 1

    async def between(self, after, until, *, including=False):
        if self.away:
            return None
        first, last = (int(id_.partition("-")[0]) for id_ in (after, until))
        return self.entries[first - including : last][:2]

    async def forgot(self, after):
        return self.cut


def hub_over(log: MemoryLog, *, n_max: int = 8, heartbeat_s: float = 60.0) -> EventHub:
    return EventHub(log, clock=make_frozen_clock(NOW, NOW + timedelta(days=1)), n_max=n_max, heartbeat_s=heartbeat_s)


async def heard(stream, n: int) -> str:
    """Return the next `n` chunks as text."""
    async with asyncio.timeout(5):
        return b"".join([await anext(stream) for _ in range(n)]).decode()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def run(use) -> object:
    async def start():
        log = MemoryLog()
        return await use(log, hub_over(log))

    return asyncio.run(start())


def test_many_clients_share_one_reader_and_hear_only_their_symbols():
    async def use(log, hub):
        streams = [await hub.listen(names, after=None, address=None) for names in (ALL, frozenset({"AAPL"}))]
        for stream in streams:
            assert "event: heartbeat" in await heard(stream, 2)
        await settle()
        assert log.n_reading == 1
        log.publish("candles", {"symbol": "BTC/USDT"}, {"symbol": "AAPL"})
        log.publish("drift", {"kind": "psi"})
        both = [await heard(stream, 2) for stream in streams]
        for stream in streams:
            await stream.aclose()
        await settle()
        assert log.n_reading == 0
        return both

    everything, some = run(use)

    assert everything.count("event: candle") == 2
    assert some.count("event: candle") == 1
    assert "id: 1-0.1" in some
    assert "event: drift" in some


def test_client_that_resumes_is_given_what_it_missed_once_and_in_order():
    async def use(log, hub):
        for number in range(6):
            log.publish("candles", {"n": [number, 0]}, {"n": [number, 1]})
        stream = await hub.listen(ALL, after=Place("2-0", 1), address=None)
        past = await heard(stream, 1 + 1 + 4 + 1)
        log.publish("candles", {"n": [6, 0]})
        return past + await heard(stream, 1)

    text = run(use)

    ids = [line[4:] for line in text.splitlines() if line.startswith("id:")]
    assert ids == ["2-0.1", *(f"{i}-0.{k}" for i in range(3, 7) for k in range(2)), "6-0", "7-0.0"]
    assert "gap" not in text


def test_client_that_resumes_too_late_hears_of_the_gap():
    async def use(log, hub):
        log.cut = True
        return await heard(await hub.listen(ALL, after=Place("0-1", None), address=None), 2)

    assert "event: gap" in run(use)


def test_slow_client_gets_an_end_and_the_others_go_on():
    async def use(log, hub):
        slow, fast = [await hub.listen(ALL, after=None, address=None) for _ in range(2)]
        await heard(slow, 2)
        await heard(fast, 2)
        for number in range(300):
            log.publish("news", {"id": number})
            await heard(fast, 1)
        return [chunk async for chunk in slow]

    *chunks, last = run(use)

    assert len(chunks) == 256
    assert last.startswith(b"event: overflow")


def test_heartbeat_moves_the_place_of_a_client_that_hears_nothing():
    async def start():
        log = MemoryLog()
        stream = await hub_over(log, heartbeat_s=0.01).listen(frozenset({"AAPL"}), after=None, address=None)
        await heard(stream, 2)
        log.publish("candles", {"symbol": "BTC/USDT"})
        await settle()
        return await heard(stream, 1)

    text = asyncio.run(start())

    assert text == f'id: 1-0\nevent: heartbeat\ndata: {{"market_time":"{NOW.isoformat()}","live":true}}\n\n'


def test_hub_refuses_more_clients_than_its_limit():
    async def start():
        log = MemoryLog()
        hub = hub_over(log, n_max=1)
        first = await hub.listen(ALL, after=None, address=None)
        await heard(first, 1)
        with pytest.raises(StreamUnavailableError, match="1 clients listen"):
            await hub.listen(ALL, after=None, address=None)
        await first.aclose()
        await heard(await hub.listen(ALL, after=None, address=None), 1)

    asyncio.run(start())


def test_open_stream_hears_of_what_was_cut_off_while_the_log_was_away(monkeypatch):
    monkeypatch.setattr("serve.event_hub._AWAY_S", 0.001)

    async def use(log, hub):
        log.away = True
        stream = await hub.listen(ALL, after=None, address=None)
        await heard(stream, 2)
        await asyncio.sleep(0.005)
        log.cut, log.away = True, False
        log.publish("drift", {"kind": "psi"})
        return await heard(stream, 2)

    text = run(use)

    assert text.index("event: gap") < text.index("event: drift")


def test_hub_counts_clients_that_have_taken_nothing_yet():
    async def use(log, hub):
        return await asyncio.gather(
            *(hub.listen(ALL, after=None, address=None) for _ in range(9)), return_exceptions=True
        )

    answers = run(use)

    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [StreamUnavailableError]


def test_hub_reads_in_the_name_of_no_request():
    async def use(log, hub):
        with bound_contextvars(request_id="first"):
            stream = await hub.listen(ALL, after=None, address=None)
        await settle()
        await stream.aclose()
        return log.known_to_reader

    assert run(use) == {}


def test_hub_reads_no_longer_after_a_client_that_took_nothing_left():
    async def use(log, hub):
        stream = await hub.listen(ALL, after=None, address=None)
        await settle()
        before = log.n_reading
        await stream.aclose()
        await settle()
        return before, log.n_reading

    assert run(use) == (1, 0)


@pytest.mark.parametrize("after", [Place("1-0", 1), Place("2-0", None)])
@pytest.mark.parametrize("knows_gap", [True, False])
def test_stream_ends_where_it_cannot_tell_what_was_missed(after, knows_gap):
    async def use(log, hub):
        for number in range(6):
            log.publish("candles", {"n": number})
        log.away, log.cut = knows_gap, False if knows_gap else None
        async with asyncio.timeout(5):
            return b"".join([chunk async for chunk in await hub.listen(ALL, after=after, address=None)])

    # an id would move the client's place over what it never heard
    assert b"id:" not in run(use)


def test_hub_without_redis_refuses_and_says_why():
    async def start():
        with pytest.raises(StreamUnavailableError, match="Redis does not answer"):
            await silent_hub().listen(ALL, after=None, address=None)

    asyncio.run(start())


def test_streams_end_when_their_replica_drains():
    async def say_draining(reader, writer):
        await reader.readline()
        writer.write(b"HTTP/1.0 503 Service Unavailable\r\n\r\n")
        writer.close()

    async def use(log, hub):
        replica = await asyncio.start_server(say_draining, "127.0.0.1", 0)
        stream = await hub.listen(ALL, after=None, address=replica.sockets[0].getsockname()[:2])
        async with asyncio.timeout(5):
            chunks = [chunk async for chunk in stream]
        replica.close()
        with pytest.raises(StreamUnavailableError, match="about to stop"):
            await hub.listen(ALL, after=None, address=None)
        return chunks

    assert len(run(use)) == 2
