import json

import pytest
from typer.testing import CliRunner

from candlecast.access import key_digest
from candlecast.errors import InvalidRequestError
from candlecast.storage.postgres.keys import KeyStore
from jobs.cli import app


@pytest.fixture
def run(database, postgres, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANDLECAST_DATABASE__URL", postgres.app_url)

    def invoke(*arguments):
        result = CliRunner().invoke(app, ["keys", *arguments])
        if result.exception is not None:
            raise result.exception
        return result.stdout.strip().splitlines()

    return invoke


def test_key_is_made_listed_and_revoked_without_being_shown_again(run, database):
    [key] = run("create", "dashboard")
    [listed] = run("list")
    run("revoke", "dashboard")
    told = json.loads(run("list", "--json")[-1])["keys"]

    assert KeyStore(database).list()[0].sha256 == key_digest(key)
    assert "dashboard" in listed
    assert key not in listed
    assert [(one["name"], one["scope"], one["state"]) for one in told] == [("dashboard", "read", "revoked")]


def test_store_run_twice_makes_one_key(run):
    made, again = json.loads(run("store", "--json")[-1]), json.loads(run("store", "--json")[-1])

    assert (made["name"], made["scope"], made["key"][:4], again) == ("admin", "admin", "cck_", {"created": None})


def test_create_with_an_unknown_scope_names_those_there_are(run):
    with pytest.raises(InvalidRequestError, match="read, admin"):
        run("create", "x", "--scope", "root")
