"""Are keys told apart by their digests, and forgotten in time?"""

import asyncio
import time
from datetime import UTC, datetime

import pytest

from candlecast.access import KeyRecord, KeyRing, checked_key, checked_name, key_digest, new_key
from candlecast.errors import InvalidRequestError, StorageError

NOW = datetime(2021, 1, 1, tzinfo=UTC)


def record(key: str, name: str = "one") -> KeyRecord:
    return KeyRecord(1, name, "read", key_digest(key), NOW)


class Stored:
    """Keys as a database would give them, and how often it was asked."""

    def __init__(self, *keys: str) -> None:
        self.keys = [record(key, name=key[-4:]) for key in keys]
        self.n_reads = 0
        self.down = False

    def __call__(self) -> list[KeyRecord]:
        self.n_reads += 1
        if self.down:
            raise StorageError("the database does not answer")
        return list(self.keys)


def test_new_keys_are_long_and_never_the_same():
    made = {new_key() for _ in range(100)}

    assert len(made) == 100
    assert all(checked_key(key) == key and len(key) == 47 for key in made)


@pytest.mark.parametrize("key", ["short", "x" * 201, "x" * 40 + " ", "x" * 40 + "é", ""])
def test_key_that_could_be_guessed_or_sent_wrongly_is_refused_untold(key):
    with pytest.raises(InvalidRequestError) as raised:
        checked_key(key)

    assert not key or key not in str(raised.value)


@pytest.mark.parametrize("name", ["", "a b", "x" * 61, "a\n", "ü/"])
def test_name_that_is_no_word_is_refused(name):
    with pytest.raises(InvalidRequestError, match="1 to 60"):
        checked_name(name)


def test_ring_asked_often_reads_the_store_once():
    key, stored = new_key(), Stored()
    stored.keys = [record(key)]

    async def act() -> list[KeyRecord | None]:
        ring = KeyRing(stored)
        return [await ring.find(key) for _ in range(50)] + [ring.find_now(key), ring.find_now("other")]

    found = asyncio.run(act())

    assert (found[0].name, found[-2].name, found[-1]) == ("one", "one", None)
    assert stored.n_reads == 1


def test_ring_asked_by_many_at_once_reads_the_store_once():
    key, stored = new_key(), Stored()

    async def act() -> None:
        ring = KeyRing(stored)
        await asyncio.gather(*(ring.find(key) for _ in range(20)))

    asyncio.run(act())

    assert stored.n_reads == 1


def test_ring_asked_with_guessed_keys_reads_the_store_once_a_second_and_finds_none():
    stored = Stored()
    stored.keys = [record(new_key())]

    async def act() -> list[KeyRecord | None]:
        ring = KeyRing(stored)
        return [await ring.find(guess) for guess in (*(new_key() for _ in range(300)), "", "x" * 1_000_000, "\udcff")]

    assert set(asyncio.run(act())) == {None}
    assert stored.n_reads == 1


def test_ring_after_a_second_hears_of_new_keys_and_after_three_of_revoked_ones():
    old, new, stored = new_key(), new_key(), Stored()
    stored.keys = [record(old)]

    async def act() -> list[bool]:
        ring = KeyRing(stored)
        await ring.find(old)
        stored.keys = [record(new)]
        ring._read_s -= 1.0
        accepted = await ring.find(new) is not None
        stored.keys = []
        ring._read_s -= 3.0
        return [accepted, await ring.find(new) is None, ring.find_now(new) is None]

    assert asyncio.run(act()) == [True, True, True]


def test_ring_trusts_a_slow_answer_from_the_moment_it_asked():
    asked_s = []

    def load() -> list[KeyRecord]:
        asked_s.append(time.monotonic())
        time.sleep(0.02)
        return []

    async def act() -> float | None:
        ring = KeyRing(load)
        await ring.find(new_key())
        return ring._read_s

    assert asyncio.run(act()) <= asked_s[0]


def test_ring_asked_without_waiting_hears_of_revoked_keys_all_the_same():
    key, stored = new_key(), Stored()
    stored.keys = [record(key)]

    async def act() -> list[bool]:
        ring = KeyRing(stored)
        known = [ring.find_now(key) is not None]
        await ring.find(key)
        stored.keys = []
        ring._read_s -= 1.0
        known.append(ring.find_now(key) is not None)
        await ring._reading
        return [*known, ring.find_now(key) is not None]

    assert asyncio.run(act()) == [False, True, False]


def test_ring_while_the_database_is_down_keeps_what_it_knows():
    key, stored = new_key(), Stored()
    stored.keys = [record(key)]

    async def act() -> KeyRecord | None:
        ring = KeyRing(stored)
        await ring.find(key)
        stored.down = True
        ring._read_s -= 60.0
        return await ring.find(key)

    assert asyncio.run(act()) is not None


def test_ring_that_never_read_the_keys_says_so():
    stored = Stored()
    stored.down = True

    with pytest.raises(StorageError):
        asyncio.run(KeyRing(stored).find("x" * 40))
