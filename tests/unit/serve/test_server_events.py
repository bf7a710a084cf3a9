"""Do events look on the wire as the standard says, and can a client tell where it was?"""

import asyncio

import pytest

from candlecast.errors import StorageError
from candlecast.storage.event_log import Entry
from serve.server_events import EventStreamResponse, Place, event_bytes, lines_of, parse_id


def test_event_of_each_payload_has_its_place_kind_and_json():
    entry = Entry("17-0", "candles", ({"symbol": "BTC/USDT", "n": 1}, {"symbol": "AAPL", "n": 2}))

    first, second = lines_of(entry)

    assert first.body == b'id: 17-0.0\nevent: candle\ndata: {"symbol":"BTC/USDT","n":1}\n\n'
    assert second.body.startswith(b"id: 17-0.1\nevent: candle\n")
    assert (first.symbols, second.symbols) == ({"BTC/USDT"}, {"AAPL"})


def test_price_has_no_id_because_it_is_not_kept():
    [line] = lines_of(Entry(None, "prices", ({"symbol": "BTC/USDT", "price": 1.5},)))

    assert line.body == b'event: price\ndata: {"symbol":"BTC/USDT","price":1.5}\n\n'


def test_text_with_line_breaks_stays_one_line():
    body = event_bytes("news", {"title": "one\ntwo\r\nthree"})

    assert body.count(b"\n") == 3
    assert b"\r" not in body


def test_channel_that_clients_do_not_hear_gives_nothing():
    assert lines_of(Entry("17-0", "models", ({"model_id": "x"},))) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1792318800000-0", Place("1792318800000-0", None)),
        ("1792318800000-12.3", Place("1792318800000-12", 4)),
        ("", None),
        ("0", None),
        ("-1-1", None),
        ("1-1.", None),
        ("1-1\n", None),
        ("9" * 40 + "-1", None),
    ],
)
def test_id_is_read_or_refused(text, place):
    assert parse_id(text) == place


class Client:
    """The receiving end of one response; takes `n_taken` chunks, then leaves or hangs."""

    def __init__(self, *, n_taken: int, leaves: bool = True) -> None:
        self.n_taken, self.leaves, self.got, self.gone = n_taken, leaves, [], asyncio.Event()

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        if message["type"] == "http.response.body":
            self.got.append(message["body"])
            if len(self.got) == self.n_taken:
                if self.leaves:
                    self.gone.set()
                await asyncio.sleep(10)


async def always() -> bool:
    return True


def answered(client: Client, *, may_listen=always) -> list[bool]:
    """Return what an endless source noted when the response to `client` was over."""
    closed = []

    async def chunks():
        try:
            while True:
                yield b"x"
        finally:
            closed.append(True)

    async def answer():
        async with asyncio.timeout(5):
            response = EventStreamResponse(chunks(), may_listen=may_listen)
            await response({"type": "http"}, client.receive, client.send)

    asyncio.run(answer())
    return closed


def test_response_ends_and_closes_its_source_when_the_client_leaves():
    client = Client(n_taken=3)

    assert answered(client) == [True]
    assert client.got == [b"x"] * 3


def test_response_ends_when_its_key_is_revoked(monkeypatch):
    monkeypatch.setattr("serve.server_events._CHECK_S", 0.01)
    answers = iter([StorageError("the database does not answer"), True, False])

    async def may_listen():
        answer = next(answers)
        if isinstance(answer, StorageError):
            raise answer
        return answer

    assert answered(Client(n_taken=3, leaves=False), may_listen=may_listen) == [True]
    assert next(answers, None) is None


def test_response_closes_its_source_when_the_client_left_before_the_first_chunk():
    closed = []

    async def chunks():
        try:
            while True:
                yield b"x"
        finally:
            closed.append(True)

    async def hang(_):
        await asyncio.sleep(10)

    async def answer():
        source, client = chunks(), Client(n_taken=1)
        await anext(source)
        client.gone.set()
        await EventStreamResponse(source, may_listen=always)({}, client.receive, hang)
        return list(closed)

    assert asyncio.run(answer()) == [True]


def test_response_ends_when_the_client_stays_but_takes_nothing(monkeypatch):
    monkeypatch.setattr("serve.server_events._SEND_S", 0.01)

    assert answered(Client(n_taken=3, leaves=False)) == [True]
