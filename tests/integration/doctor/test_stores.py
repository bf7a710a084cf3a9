"""Does the doctor see what is wrong with real stores, and leave them as they were?"""

import secrets
from urllib.parse import quote

import psycopg2
import pytest
import redis

from candlecast.doctor.stores import look_at_database, look_at_redis
from candlecast.settings import Settings
from candlecast.storage.embedded import EmbeddedPostgres
from candlecast.storage.postgres.migrate import newest, upgrade
from tests.integration.conftest import APP_USER, as_owner
from tests.loopback import free_port


def database(url):
    return look_at_database(Settings(database={"url": url}, _env_file=None), timeout_s=5)


def cache(url):
    return look_at_redis(Settings(redis={"url": url}, _env_file=None), timeout_s=5)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Return a PostgreSQL without a schema."""
    password = secrets.token_hex(8)
    server = EmbeddedPostgres(tmp_path_factory.mktemp("bare"), port=free_port(), password=password)
    server.start()
    yield server.url
    server.stop()


def tables(url):
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_class), (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) "
            "FROM pg_stat_user_tables)"
        )
        found = cursor.fetchone()
    connection.close()
    return found


def test_database_that_is_well_says_so_and_stays_as_it_was(postgres):
    before = tables(postgres.owner_url)

    found = database(postgres.app_url)

    assert (found.verdict, found.detail) == ("ok", f"answers on this machine, writable, schema at {newest()}")
    assert tables(postgres.owner_url) == before


def test_database_with_a_wrong_password_names_the_setting(postgres):
    user, _, rest = postgres.app_url.partition("@")

    found = database(f"{user.rpartition(':')[0]}:wrong@{rest}")

    assert found.verdict == "broken"
    assert "password authentication failed" in found.detail
    assert "CANDLECAST_DATABASE__PASSWORD" in found.mend


def test_database_that_is_not_there_says_how_to_start_it(postgres):
    nobody = f"postgresql://a:b@127.0.0.1:{free_port()}/c"
    unknown = postgres.app_url.rsplit("/", 1)[0] + "/nowhere"

    assert "candlecast run" in database(nobody).mend
    assert "does not exist" in database(unknown).detail
    assert "CANDLECAST_DATABASE__URL" in database(unknown).mend
    assert database("").verdict == "broken"


def test_database_that_does_not_speak_tls_when_asked_to_is_broken(postgres):
    found = database(f"{postgres.app_url}?sslmode=require")

    assert found.verdict == "broken"
    assert "SSL" in found.detail
    assert "TLS" in found.mend


def test_database_without_schema_or_with_an_old_one_says_upgrade(bare):
    assert (database(bare).verdict, database(bare).mend.split("; ")[0]) == ("broken", "candlecast db upgrade")

    upgrade(bare, app_user=APP_USER, app_password="a-password")
    connection = psycopg2.connect(bare)
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE alembic_version SET version_num = '0003'")
    connection.close()
    found = database(bare)

    assert f"its schema is at 0003, newest is {newest()}" in found.detail
    assert found.verdict == "broken"


def test_database_used_by_its_owner_is_a_warning(postgres):
    found = database(postgres.owner_url)

    assert found.verdict == "warning"
    assert "superuser" in found.detail


def test_database_that_takes_no_writes_is_broken(postgres):
    role = APP_USER
    as_owner(postgres, f"ALTER ROLE {role} SET default_transaction_read_only = on")
    try:
        found = database(postgres.app_url)
    finally:
        as_owner(postgres, f"ALTER ROLE {role} RESET default_transaction_read_only")

    assert found.verdict == "broken"
    assert "nothing can be written: cannot execute CREATE TABLE AS in a read-only transaction" in found.detail


def test_redis_that_is_well_says_so_and_stays_as_it_was(valkey):
    found = cache(valkey.url)

    assert found.verdict == "ok"
    assert found.detail.endswith("MB, allkeys-lru")
    with redis.Redis.from_url(valkey.url) as client:
        assert client.dbsize() == 0


def test_redis_with_a_wrong_password_names_the_setting(valkey):
    found = cache(f"redis://:{quote('wrong')}@127.0.0.1:{valkey.port}/0")

    assert found.verdict == "broken"
    assert "CANDLECAST_REDIS__PASSWORD" in found.mend
    assert "CANDLECAST_REDIS__PASSWORD" in cache(f"redis://127.0.0.1:{valkey.port}/0").mend


def test_redis_that_is_not_there_is_broken_but_loses_nothing(valkey):
    valkey.stop()

    found = cache(valkey.url)

    assert found.verdict == "broken"
    assert "nothing is lost" in found.detail
    assert cache("").verdict == "warning"


def test_redis_that_refuses_writes_when_full_or_takes_all_memory_is_a_warning(valkey):
    with redis.Redis.from_url(valkey.url) as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", 0)

    found = cache(valkey.url)

    assert found.verdict == "warning"
    assert "maxmemory-policy noeviction" in found.detail
    assert "config set maxmemory-policy allkeys-lru" in found.mend
    assert "config set maxmemory 256mb" in found.mend


def test_redis_that_is_a_replica_takes_no_writes(valkey):
    with redis.Redis.from_url(valkey.url) as client:
        client.replicaof("127.0.0.1", free_port())

    found = cache(valkey.url)

    assert found.verdict == "broken"
    assert "is a replica" in found.detail
