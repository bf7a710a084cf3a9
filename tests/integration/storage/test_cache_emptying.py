"""Is all of ours thrown away, and nothing of others?"""

import pytest
import redis

from candlecast.errors import StorageError
from candlecast.storage.cache_emptying import empty_cache


def test_cache_emptied_keeps_what_is_not_ours(valkey):
    with redis.Redis.from_url(valkey.url) as client:
        client.mset({f"cc:price:{number}": b"1" for number in range(2_500)} | {"theirs": b"2"})

        assert empty_cache(valkey.url) == 2_500
        assert client.keys() == [b"theirs"]


def test_cache_that_does_not_answer_is_said(valkey):
    valkey.stop()

    with pytest.raises(StorageError, match="cannot be emptied"):
        empty_cache(valkey.url)


def test_cache_that_is_not_there_has_nothing_to_empty():
    assert empty_cache("") == 0
