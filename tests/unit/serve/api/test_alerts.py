"""Are the alert routes as documented? A fake book behind them."""

from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from candlecast.errors import InvalidRequestError
from candlecast.schemas import AlertDeliveryPage, AlertList
from serve.api import alerts
from serve.api.problems import install_problem_handlers
from serve.api.services import current
from tests.alert_builders import make_alert

BODY = {"symbol": "BTC/USDT", "metric": "price", "side": "above", "threshold": 20_000}


class FakeBook:
    """Keeps one rule: number 7."""

    def __init__(self):
        self.kept = []
        self.asked = []

    async def all(self):
        return AlertList(items=self.kept, channels=["ops"])

    async def add(self, wanted):
        if wanted.threshold < 0:
            raise InvalidRequestError("threshold of price must lie between 0 and 1e+12, was -1")
        new = not self.kept
        self.kept = [make_alert(id=7, threshold=wanted.threshold)]
        return self.kept[0], new

    async def remove(self, alert_id):
        return alert_id == 7

    async def deliveries(self, **asked):
        self.asked.append(asked)
        return AlertDeliveryPage(items=[], next_cursor="1-2")


@pytest.fixture
def book():
    return FakeBook()


@pytest.fixture
def client(book):
    api = FastAPI()
    api.include_router(alerts.router)
    install_problem_handlers(api)
    api.dependency_overrides[current] = lambda: SimpleNamespace(reading=SimpleNamespace(alerts=book))
    with TestClient(api) as client:
        yield client


def test_new_rule_is_created_and_an_equal_one_is_found(client):
    created, again = (client.post("/v1/alerts", json=BODY) for _ in range(2))

    assert (created.status_code, again.status_code) == (201, 200)
    assert created.headers["location"] == "/v1/alerts/7"
    assert client.get("/v1/alerts").json()["items"] == [created.json()]


def test_deleted_rule_leaves_nothing_and_an_unknown_one_is_a_problem(client):
    assert (client.delete("/v1/alerts/7").status_code, client.delete("/v1/alerts/7").content) == (204, b"")
    assert "alert 8 is not kept" in client.delete("/v1/alerts/8").json()["detail"]


def test_deliveries_pass_every_filter_on(client, book):
    asked = {"alert_id": 7, "cursor": "9-9", "limit": 3}

    assert client.get("/v1/alerts/deliveries", params=asked).json() == {"items": [], "next_cursor": "1-2"}
    assert book.asked == [asked]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"metric": "volume"}, "metric"),
        ({"threshold": "NaN"}, "threshold"),
        ({"threshold": -1}, "threshold of price"),
        ({"channels": ["json://127.0.0.1/steal"]}, "channels"),
        ({"name": "@everyone"}, "name"),
        ({"horizon": 97}, "horizon"),
        ({"hysteresis": -1}, "hysteresis"),
        ({"window": "1y"}, "window"),
        ({"address": "x"}, "address"),
    ],
)
def test_rule_that_makes_no_sense_is_a_problem_that_names_the_field(client, change, names):
    answer = client.post("/v1/alerts", json=BODY | change)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert names in answer.json()["detail"]


@pytest.mark.parametrize("alert_id", ["0", str(2**63), "a"])
def test_number_of_a_rule_that_cannot_be_is_a_problem(client, alert_id):
    assert client.delete(f"/v1/alerts/{alert_id}").status_code == 422
