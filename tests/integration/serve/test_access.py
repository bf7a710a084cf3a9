"""Is every route closed to whoever has no key, a revoked one, or one of another scope?"""

import importlib
import pkgutil
import re

import pytest

import serve.api
from candlecast.key_desk import KeyDesk
from candlecast.storage.postgres.keys import KeyStore
from serve.app import build_api

OPEN = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/redoc", "/docs/oauth2-redirect"}
ADMIN = {
    ("POST", "/v1/models/{model_id}/promote"),
    ("POST", "/v1/models/rollback"),
    ("POST", "/v1/jobs/train"),
    ("POST", "/v1/jobs/tune"),
    ("GET", "/v1/jobs/{job_id}"),
}
PROBLEM = "application/problem+json"


def routes() -> list[tuple[str, str]]:
    """Return verb and path of every route that the document knows."""
    paths = build_api().openapi()["paths"]
    return sorted((verb.upper(), path) for path, verbs in paths.items() for verb in verbs)


CLOSED = [(verb, path) for verb, path in routes() if path not in OPEN]


def ask(client, verb, path, **headers):
    return client.request(verb, re.sub(r"\{\w+\}", "x" * 22, path), headers=headers)


def test_routes_are_all_under_v1_but_the_open_ones():
    assert {path for _, path in routes() if not path.startswith("/v1/")} <= OPEN
    assert len(CLOSED) >= 15


def test_no_route_is_left_out_of_the_document():
    modules = [importlib.import_module(f"serve.api.{part.name}") for part in pkgutil.iter_modules(serve.api.__path__)]

    written = [route for module in modules if hasattr(module, "router") for route in module.router.routes]

    assert {(verb, route.path) for route in written for verb in route.methods} == set(routes())


@pytest.mark.parametrize(("verb", "path"), CLOSED)
def test_route_without_a_key_or_with_a_wrong_one_is_a_401(keyed, client, verb, path):
    for headers in (
        {},
        {"X-API-Key": "cck_" + "x" * 43},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic eA=="},
    ):
        answer = ask(client, verb, path, **headers)

        assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM), headers
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("verb", "path"), [route for route in CLOSED if "stream" not in route[1]])
def test_route_with_a_key_for_reading_is_open_unless_it_changes_what_serves(keyed, client, verb, path):
    answer = ask(client, verb, path, **{"X-API-Key": keyed.read_key})

    assert answer.status_code not in (401, 500)
    assert (answer.status_code == 403) == ((verb, path) in ADMIN)


@pytest.mark.parametrize(("verb", "path"), sorted(ADMIN))
def test_admin_route_with_an_admin_key_is_open(keyed, client, verb, path):
    assert ask(client, verb, path, Authorization=f"Bearer {keyed.admin_key}").status_code not in (401, 403)


def test_routes_with_a_key_that_was_revoked_are_closed_within_seconds(keyed, client):
    desk = KeyDesk(KeyStore(keyed.database))
    key = desk.create("leaver", "admin").key
    assert ask(client, "GET", "/v1/models", **{"X-API-Key": key}).status_code == 200

    desk.revoke("leaver")

    answers = {ask(client, "GET", "/v1/models", **{"X-API-Key": key}).status_code for _ in range(3)}
    keyed.services.access._keys._read_s -= 3.0
    for verb, path in CLOSED:
        assert ask(client, verb, path, **{"X-API-Key": key}).status_code == 401
    assert answers <= {200, 401}


def test_body_without_a_key_is_not_even_read(keyed, client):
    answer = client.post("/v1/forecasts", content=b"{", headers={"content-type": "application/json"})

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_health_and_docs_need_no_key(keyed, client):
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"):
        assert client.get(path).status_code in (200, 503)


def test_caller_above_its_limit_is_told_when_to_come_back(limited, client):
    answers = [ask(client, "GET", "/v1/models", **{"X-API-Key": limited.read_key}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"key";q=3;w=60'
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0"]
    assert int(answers[3].headers["retry-after"]) >= 1
    assert answers[3].headers["content-type"] == PROBLEM


def test_limits_are_each_key_its_own(limited, client):
    for _ in range(4):
        ask(client, "GET", "/v1/models", **{"X-API-Key": limited.read_key})

    assert ask(client, "GET", "/v1/models", **{"X-API-Key": limited.admin_key}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Host": "elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Host": "["},
    ],
)
def test_admin_route_without_keys_is_closed_to_pages_of_other_origins(world, client, headers):
    assert ask(client, "POST", "/v1/models/x/promote", **headers).status_code == 403


@pytest.mark.parametrize(("verb", "path"), [("DELETE", "/v1/alerts/1"), ("PUT", "/v1/sessions/" + "x" * 22)])
def test_writing_without_keys_is_closed_to_pages_of_other_origins(world, client, verb, path):
    elsewhere = {"Origin": "http://elsewhere.example", "Host": "elsewhere.example"}

    assert client.request(verb, path, json={"data": {}}, headers=elsewhere).status_code == 403
    assert client.request(verb, path, json={"data": {}}, headers={"Origin": "http://127.0.0.1"}).status_code < 500
    assert client.get("/v1/models", headers=elsewhere).status_code == 200


def test_admin_route_without_keys_is_open_to_this_machine(world, client):
    assert ask(client, "POST", "/v1/models/x/promote", Host="127.0.0.1:8000").status_code == 404
