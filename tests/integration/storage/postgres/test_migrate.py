from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from alembic import command
from psycopg2 import sql
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import text

from candlecast.errors import InvalidRequestError, StorageError
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.migrate import MigrationStatus, _config, _connected, status, upgrade
from candlecast.storage.postgres.roles import APPEND_ONLY_TABLES, EDITABLE_TABLES
from tests.integration.conftest import as_owner

# Roles belong to the whole server, so not that of the other tests.
APP_USER = "trial_app"


def _column(url: str, query: str) -> list[str]:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [row[0] for row in cursor.fetchall()]
    finally:
        connection.close()


@pytest.fixture
def empty_url(postgres):
    as_owner(postgres, "CREATE DATABASE empty")
    yield postgres.owner_url.removesuffix("/candlecast") + "/empty"
    as_owner(postgres, "DROP DATABASE empty WITH (FORCE)", f"DROP ROLE IF EXISTS {APP_USER}")


def test_status_of_empty_database_has_no_step(empty_url):
    found = status(empty_url)

    assert found.current is None
    assert not found.up_to_date


def test_upgrade_run_twice_changes_nothing(empty_url):
    first = upgrade(empty_url, app_user=APP_USER, app_password="pw")

    assert upgrade(empty_url, app_user=APP_USER, app_password="pw") == first
    assert status(empty_url) == MigrationStatus("0015", "0015")
    assert first.up_to_date


def test_upgrade_run_by_four_at_once_works_for_all(empty_url):
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(upgrade, empty_url, app_user=APP_USER, app_password="pw") for _ in range(4)]

    assert {run.result().current for run in runs} == {"0015"}


def test_upgrade_of_an_older_schema_keeps_its_candles(empty_url):
    config = _config()
    with _connected(empty_url) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        for statement in (
            "INSERT INTO symbols (symbol, asset_class, venue, calendar) VALUES ('A', 'stock', 'yahoo', 'XNYS')",
            "SELECT ensure_candle_partitions('2022-01-01Z', '2022-02-01Z')",
            "INSERT INTO ohlcv_table SELECT 1, '1d', '2022-01-03Z', '2022-01-04Z', 1, 1, 1, 1, 1, 'a', 'b', now()",
        ):
            connection.execute(text(statement))

    upgrade(empty_url, app_user=APP_USER, app_password="pw")

    assert _column(empty_url, "SELECT count(*) FROM ohlcv_2022_01") == [1]
    assert _column(empty_url, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid IN "
                              "('ohlcv_table'::regclass, 'ohlcv_2022_01'::regclass)") == [0]  # fmt: skip


def test_upgrade_sets_the_new_password_of_the_role(empty_url, postgres):
    upgrade(empty_url, app_user=APP_USER, app_password="old")
    upgrade(empty_url, app_user=APP_USER, app_password="new %'\"")
    server = empty_url.split("@")[1]

    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(f"postgresql://{APP_USER}:old@{server}")
    with psycopg2.connect(f"postgresql://{server}", user=APP_USER, password="new %'\"") as connection:
        assert connection.closed == 0
    connection.close()


def test_upgrade_with_the_owner_as_application_is_refused(empty_url):
    with pytest.raises(InvalidRequestError, match="must differ from the owner"):
        upgrade(empty_url, app_user="candlecast", app_password="pw")

    assert status(empty_url).current is None


def test_upgrade_without_a_server_is_a_storage_error():
    with pytest.raises(StorageError, match="does not answer"):
        upgrade("postgresql://candlecast@127.0.0.1:1/candlecast", app_user=APP_USER, app_password="pw")


def test_every_table_is_granted_to_the_application(postgres):
    tables = _column(
        postgres.owner_url,
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
        "AND NOT relispartition AND relname <> 'alembic_version'",
    )

    assert sorted(tables) == sorted(APPEND_ONLY_TABLES + EDITABLE_TABLES)


@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("predictions_table", "p_up"),
        ("outcomes_table", "settled_at"),
        ("forecast_misses", "cause"),
        ("ohlcv_revisions", "open"),
    ],
)
def test_application_cannot_change_the_ledger(postgres, verb, table, column):
    parts = [sql.Identifier(table), sql.Identifier(column), sql.Identifier(column)]
    statement = sql.SQL(verb).format(*parts[: verb.count("{}")])
    connection = psycopg2.connect(postgres.app_url)

    with connection.cursor() as cursor, pytest.raises(InsufficientPrivilege):
        cursor.execute(statement)
    connection.close()


@pytest.mark.parametrize("statement", ["CREATE TABLE mine (n int)", "DROP TABLE symbols", "CREATE ROLE other"])
def test_application_cannot_change_the_schema(postgres, statement):
    connection = psycopg2.connect(postgres.app_url)

    with connection.cursor() as cursor, pytest.raises(InsufficientPrivilege):
        cursor.execute(statement)
    connection.close()


def test_partitions_once_made_are_not_made_again(database: Database):
    statement = "SELECT ensure_candle_partitions('1999-11-30 23:00Z', '2000-01-01 00:00Z')"

    with database.transaction() as cursor:
        cursor.execute(statement)
        first = cursor.fetchone()
        cursor.execute(statement)
        second = cursor.fetchone()

    assert (first, second) == ((3,), (0,))


def test_partitions_asked_for_by_four_at_once_are_made_once(database: Database):
    def ask(_: int) -> int:
        with database.transaction() as cursor:
            cursor.execute("SELECT ensure_candle_partitions('1995-01-01Z', '1995-12-31Z')")
            row = cursor.fetchone()
            return int(row[0]) if row else -1

    with ThreadPoolExecutor(4) as pool:
        made = sum(pool.map(ask, range(4)))

    assert made == 12


def test_partitions_over_too_long_a_range_are_refused(database: Database):
    with pytest.raises(StorageError, match="at most 100 years"), database.transaction() as cursor:
        cursor.execute("SELECT ensure_candle_partitions('1900-01-01Z', '2100-01-01Z')")


def test_every_foreign_key_of_the_ledger_is_declared(postgres):
    keys = _column(
        postgres.owner_url,
        "SELECT DISTINCT conrelid::regclass::text || ' -> ' || confrelid::regclass::text FROM pg_constraint "
        "WHERE contype = 'f' AND conparentid = 0",
    )

    assert {
        "ohlcv_revisions -> symbols",
        "news_symbols -> news_table",
        "sentiment_table -> news_table",
        "predictions_table -> symbols",
        "predictions_table -> model_metadata",
        "outcomes_table -> predictions_table",
    } <= set(keys)
