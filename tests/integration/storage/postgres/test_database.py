import threading

import pytest

from candlecast.errors import InvalidRequestError, StorageError
from candlecast.storage.postgres.database import Database
from tests.integration.conftest import Addresses, as_owner


def _backend(database: Database) -> int:
    with database.transaction() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def _kill(postgres: Addresses, pid: int) -> None:
    as_owner(postgres, f"SELECT pg_terminate_backend({pid}, 5000)")


def test_transaction_commits_what_was_written(database):
    with database.transaction() as cursor:
        cursor.execute("INSERT INTO symbols (symbol, asset_class, venue, calendar) VALUES ('A', 'stock', 'v', 'c')")

    with database.transaction() as cursor:
        cursor.execute("SELECT symbol FROM symbols")
        assert cursor.fetchall() == [("A",)]


def test_transaction_that_raises_rolls_back_and_keeps_the_error(database):
    def write_and_raise() -> None:
        with database.transaction() as cursor:
            cursor.execute("INSERT INTO symbols (symbol, asset_class, venue, calendar) VALUES ('A', 'stock', 'v', 'c')")
            raise InvalidRequestError("changed my mind")

    with pytest.raises(InvalidRequestError):
        write_and_raise()

    with database.transaction() as cursor:
        cursor.execute("SELECT count(*) FROM symbols")
        assert cursor.fetchone() == (0,)


def test_transaction_reuses_its_connection(database):
    assert _backend(database) == _backend(database)


def test_transaction_runs_in_utc(database):
    with database.transaction() as cursor:
        cursor.execute("SHOW timezone")
        assert cursor.fetchone() == ("UTC",)


def test_transaction_with_wrong_statement_is_a_storage_error_in_one_line(database):
    with pytest.raises(StorageError, match="refused a statement") as caught, database.transaction() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")

    assert "\n" not in str(caught.value)
    assert _backend(database) > 0


def test_idle_connection_closed_by_the_server_is_replaced_unseen(database, postgres):
    first = _backend(database)
    _kill(postgres, first)

    assert _backend(database) != first


def test_connection_lost_inside_a_transaction_is_a_storage_error_once(database, postgres):
    def lose_it() -> None:
        with database.transaction() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            _kill(postgres, cursor.fetchone()[0])
            cursor.execute("SELECT 1")

    with pytest.raises(StorageError, match="does not answer"):
        lose_it()

    assert _backend(database) > 0


def test_database_without_a_server_says_so_at_the_first_use():
    database = Database("postgresql://candlecast@127.0.0.1:1/candlecast")

    with pytest.raises(StorageError, match="does not answer"), database.transaction():
        pass
    database.close()


def test_busy_pool_makes_callers_wait_for_their_turn(postgres):
    database = Database(postgres.app_url, pool_size=1, wait_s=5)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction():
            entered.set()
            leave.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(5)
    threading.Timer(0.05, leave.set).start()

    assert _backend(database) > 0
    holder.join()
    database.close()


def test_busy_pool_gives_up_after_its_time(postgres):
    database = Database(postgres.app_url, pool_size=1, wait_s=0.05)

    with database.transaction(), pytest.raises(StorageError, match="POOL_SIZE"), database.transaction():
        pass
    assert _backend(database) > 0
    database.close()
