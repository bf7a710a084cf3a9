import pytest

from candlecast.access import key_digest
from candlecast.errors import InvalidRequestError
from candlecast.key_desk import KeyDesk
from candlecast.settings import ApiSettings
from candlecast.storage.postgres.keys import KeyStore

READ, ADMIN = "r" * 40, "a" * 40


@pytest.fixture
def store(database):
    return KeyStore(database)


@pytest.fixture
def desk(store):
    return KeyDesk(store)


def in_force(store):
    return {(record.name, record.scope, record.sha256) for record in store.in_force()}


def test_key_that_was_made_is_stored_as_its_digest_alone(desk, store, database):
    made = desk.create("dashboard", "read")

    assert in_force(store) == {("dashboard", "read", key_digest(made.key))}
    with database.transaction() as cursor:
        cursor.execute("SELECT row_to_json(api_keys)::text FROM api_keys")
        assert made.key not in cursor.fetchone()[0]


def test_name_is_free_again_when_its_key_is_revoked(desk, store):
    desk.create("dashboard", "read")
    with pytest.raises(InvalidRequestError, match="in force"):
        desk.create("dashboard", "admin")

    desk.revoke("dashboard")
    desk.create("dashboard", "admin")

    assert [(record.scope, record.revoked_at is None) for record in store.list()] == [("read", False), ("admin", True)]


def test_revoking_a_key_that_is_not_in_force_names_it(desk):
    with pytest.raises(InvalidRequestError, match="'nobody'"):
        desk.revoke("nobody")


def test_init_without_given_keys_makes_one_admin_key_once(desk, store):
    first, again = desk.init(ApiSettings()), desk.init(ApiSettings())

    assert (first.record.name, first.record.scope, again) == ("admin", "admin", None)
    assert len(store.in_force()) == 1


def test_init_with_given_keys_stores_both_and_replaces_changed_ones(desk, store):
    given = ApiSettings(key=READ, admin_key=ADMIN)
    assert desk.init(given) is None
    assert desk.init(given) is None

    desk.init(ApiSettings(key="n" * 40, admin_key=ADMIN))

    assert in_force(store) == {
        ("settings-read", "read", key_digest("n" * 40)),
        ("settings-admin", "admin", key_digest(ADMIN)),
    }


def test_init_with_a_revoked_key_leaves_the_one_in_force(desk, store):
    desk.init(ApiSettings(key=READ))
    desk.init(ApiSettings(key="n" * 40))

    with pytest.raises(InvalidRequestError, match="settings-read"):
        desk.init(ApiSettings(key=READ))

    assert in_force(store) == {("settings-read", "read", key_digest("n" * 40))}


@pytest.mark.parametrize(("key", "admin_key"), [("short", ""), (READ, READ)])
def test_init_with_keys_that_cannot_be_used_stores_none(desk, store, key, admin_key):
    with pytest.raises(InvalidRequestError):
        desk.init(ApiSettings(key=key, admin_key=admin_key))

    assert store.in_force() == []
