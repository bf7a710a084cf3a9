"""Is what a reader downloads what the API tells, to the last row, and an error an error?"""

import asyncio
import csv
import io
from datetime import timedelta

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from candlecast.client import AsyncCandlecastClient
from candlecast.schemas import Problem, problem
from candlecast.settings import Settings
from tests.fakes import FakeApi
from tests.fakes.record import make_ledger_item
from ui.answers import Answers
from ui.exports import export_routes
from ui.preference_store import PreferenceStore
from ui.site import Site


@pytest.fixture
def fake():
    return FakeApi()


@pytest.fixture
def client(fake):
    api = httpx2.ASGITransport(app=fake.build())
    asking = AsyncCandlecastClient("http://api.test", longest_wait_s=0.0, transport=api)
    answers = Answers()
    store = PreferenceStore(asking, answers)
    site = Site(
        client=asking, answers=answers, preferences=store, ui=Settings().ui, api_url="http://api.test", horizon=1
    )
    app = FastAPI()
    app.include_router(export_routes(site))
    with TestClient(app) as client:
        yield client
    asyncio.run(asking.close())


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_stories_are_those_of_the_pages_on_show(client, fake):
    assert len(rows_of(client.get("/exports/news.csv"))) == 50
    rows = rows_of(client.get("/exports/news.csv?pages=2&source=Decrypt"))

    assert [row["title"] for row in rows] == [story.title for story in fake.stories if "Decrypt" in story.outlets]


def test_ledger_goes_on_over_all_pages_and_ends_with_the_window(client, fake):
    fake.ledger = [make_ledger_item(number) for number in range(0, 24 * 40, 1)]
    old = fake.readiness.market_time - timedelta(days=30)

    everything = rows_of(client.get("/exports/ledger.csv?window=all"))
    month = rows_of(client.get("/exports/ledger.csv?window=30d"))

    assert [int(row["id"]) for row in everything] == [item.id for item in fake.ledger]
    assert len(month) == sum(item.forecast.as_of.date() >= old.date() for item in fake.ledger)


def test_ledger_of_no_record_is_a_table_without_rows(client, fake):
    fake.records = []

    assert client.get("/exports/ledger.csv").text.startswith("id,symbol,timeframe")
    assert rows_of(client.get("/exports/ledger.csv")) == []


@pytest.mark.parametrize(("path", "asked"), [("news", "/v1/news"), ("ledger", "/v1/forecasts")])
def test_error_of_the_api_is_no_file(client, fake, path, asked):
    fake.failing[asked] = Problem(**problem(status=503, title="Storage unavailable", detail="no database"))

    answer = client.get(f"/exports/{path}.csv")

    assert answer.status_code == 502
    assert answer.text == "Storage unavailable: no database"
