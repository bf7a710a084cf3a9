import pytest

from candlecast.errors import StorageError
from candlecast.storage.postgres.advisory_lock import try_lock
from tests.integration.conftest import as_owner

ENDED = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'candlecast lock'"


def test_lock_that_is_held_is_refused_until_its_block_ends(postgres):
    url = postgres.app_url
    with try_lock(url, "search") as first, try_lock(url, "search") as second, try_lock(url, "training") as other:
        told = (first, second, other)
    with try_lock(postgres.app_url, "search") as after:
        assert (*told, after) == (True, False, True, True)


def test_lock_of_a_holder_whose_connection_breaks_is_free(postgres):
    with try_lock(postgres.app_url, "search") as first:
        as_owner(postgres, ENDED)
        with try_lock(postgres.app_url, "search") as second:
            assert (first, second) == (True, True)


def test_lock_without_a_database_is_told_as_one():
    lock = try_lock("postgresql://nobody@127.0.0.1:9/none", "search")

    with pytest.raises(StorageError, match=r"the lock of search cannot be asked for: .* is PostgreSQL running\?"), lock:
        pass
