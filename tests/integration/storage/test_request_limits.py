import asyncio
import logging
from itertools import count
from types import SimpleNamespace

import pytest

from candlecast.errors import InvalidRequestError
from candlecast.storage import request_limits
from candlecast.storage.request_limits import RequestLimits, retry_after_s


def take(limits, n, caller="a"):
    async def act():
        found = [await limits.take(caller) for _ in range(n)]
        await limits.close()
        return found

    return asyncio.run(act())


def test_replicas_share_one_limit(valkey):
    passed = [one.allowed for _ in range(3) for one in take(RequestLimits(valkey.url, "5/minute"), 2)]

    assert passed == [True] * 5 + [False]


def test_refusal_says_when_to_come_back(valkey):
    refused = take(RequestLimits(valkey.url, "2/minute"), 3)[-1]

    assert (refused.allowed, refused.limit, refused.window_s, refused.remaining) == (False, 2, 60, 0)
    assert 1 <= retry_after_s(refused) <= 60


def test_large_limit_is_taken_in_leases(valkey):
    limits = RequestLimits(valkey.url, "1000/minute")
    asked, plain = [], limits._ask

    async def counted(caller):
        asked.append(caller)
        return await plain(caller)

    limits._ask = counted
    found = take(limits, 40)

    assert (len(asked), all(one.allowed for one in found)) == (4, True)
    assert [found[0].remaining, found[39].remaining] == [999, 960]


def test_lease_of_a_long_window_is_used_up_by_a_slow_caller(monkeypatch):
    limits, moments = RequestLimits("", "1000/hour"), count(10_000, 10)
    monkeypatch.setattr(request_limits, "time", SimpleNamespace(monotonic=lambda: next(moments)))

    remaining = [take(limits, 1)[0].remaining for _ in range(8)]

    assert remaining == list(range(999, 991, -1))


def test_without_redis_each_process_counts_alone_and_says_so_once(valkey, caplog):
    limits = RequestLimits(valkey.url, "3/minute")
    valkey.stop()

    with caplog.at_level(logging.WARNING):
        found = take(limits, 5)

    assert [one.allowed for one in found] == [True] * 3 + [False] * 2
    assert len([line for line in caplog.messages if "alone" in line]) == 1


def test_no_redis_at_all_counts_in_this_process():
    assert [one.allowed for one in take(RequestLimits("", "2/second"), 3)] == [True, True, False]


def test_limit_that_cannot_be_read_names_the_form():
    with pytest.raises(InvalidRequestError, match="6000/minute"):
        RequestLimits("", "many")
