import asyncio
from datetime import UTC, datetime

from candlecast.access import KeyRecord, KeyRing, key_digest, new_key
from candlecast.storage.request_limits import RequestLimits
from serve.api.gate import OPEN_GATE, Gate
from serve.api.told import TOLD

KEY = new_key()
RECORD = KeyRecord(1, "one", "read", key_digest(KEY), datetime(2021, 1, 1, tzinfo=UTC))


def scope(key: str | None = KEY):
    headers = [] if key is None else [(b"authorization", f"bearer {key}".encode())]
    return {"type": "http", "method": "GET", "path": "/v1/x", "query_string": b"", "headers": headers}


def passes(*keys: str | None, limit: str = "100/minute"):
    """Return whether each key passes at once, after the first was let in with patience."""

    async def act():
        gate, asked = Gate(KeyRing(lambda: [RECORD]), RequestLimits("", limit)), [scope(key) for key in keys]
        before = gate.pass_now(scope())
        await gate._keys.find(KEY)
        await gate._limits.take("1")
        return before, [gate.pass_now(one) for one in asked], asked

    return asyncio.run(act())


def test_open_gate_lets_everybody_pass_at_once():
    assert OPEN_GATE.pass_now(scope(None))


def test_key_that_is_known_passes_at_once_and_is_counted():
    before, found, [asked] = passes(KEY, limit="200/minute")

    assert (before, found) == (False, [True])
    assert dict(asked[TOLD])[b"ratelimit"].startswith(b'"key";r=198;t=')


def test_key_that_is_unknown_or_missing_goes_the_whole_way():
    assert passes("x" * 40, None)[1] == [False, False]


def test_key_above_its_limit_goes_the_whole_way():
    assert passes(KEY, KEY, limit="1/minute")[1] == [False, False]
