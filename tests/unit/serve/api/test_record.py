"""Are ledger and track record routes as documented? A fake reader behind them."""

import csv
import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from candlecast.queries import LedgerQuery, TrackRecordQuery
from candlecast.schemas import LedgerItem, LedgerPage, Outcome, TrackRecords
from serve.api import ledger, track_record
from serve.api.problems import install_problem_handlers
from serve.api.services import current
from tests.storage_builders import START, make_entry


def make_item(outcome: Outcome | None) -> LedgerItem:
    entry = make_entry()
    return LedgerItem(
        id=7,
        forecast=entry.forecast,
        features_digest=entry.features_digest,
        row_hash="ab",
        previous_hash="00",
        outcome=outcome,
    )


def make_outcome(**values: object) -> Outcome:
    unknown = dict.fromkeys(set(Outcome.model_fields) - {"settled_at"})
    return Outcome.model_validate(unknown | {"settled_at": START + timedelta(hours=1)} | values)


class FakeRecord:
    """Repeats what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    async def page(self, query: LedgerQuery) -> LedgerPage:
        self.asked.append(query)
        outcome = make_outcome(realised_close=47_100.0, realised_log_return=0.002)
        return LedgerPage(items=[make_item(outcome), make_item(None)], next_cursor="1-7")

    async def track_record(self, query: TrackRecordQuery) -> TrackRecords:
        self.asked.append(query)
        return TrackRecords(window=query.window, cost_bps=10.0, items=[])


@pytest.fixture(scope="module")
def record():
    return FakeRecord()


@pytest.fixture(scope="module")
def client(record):
    api = FastAPI()
    for module in (ledger, track_record):
        api.include_router(module.router)
    install_problem_handlers(api)
    api.dependency_overrides[current] = lambda: SimpleNamespace(reading=SimpleNamespace(record=record))
    with TestClient(api) as client:
        yield client


def test_ledger_passes_every_filter_on(client, record):
    asked = {"symbol": "BTC/USDT", "timeframe": "1h", "horizon": 4, "model": "m1", "limit": 3, "cursor": "9-9"}
    times = {"start": START, "end": START + timedelta(days=1)}

    answer = client.get("/v1/forecasts", params=asked | {name: when.isoformat() for name, when in times.items()})

    assert record.asked[-1] == LedgerQuery(**asked, **times)
    assert LedgerPage.model_validate_json(answer.text).items[0].outcome.realised_close == 47_100.0


def test_ledger_without_a_symbol_asks_for_all(client, record):
    assert client.get("/v1/forecasts", params={"timeframe": "1h"}).status_code == 200
    assert record.asked[-1] == LedgerQuery(timeframe="1h")


def test_ledger_is_a_table_where_asked(client):
    answer = client.get(
        "/v1/forecasts", params={"symbol": "BTC/USDT", "timeframe": "1h"}, headers={"Accept": "text/csv"}
    )

    settled, waiting = csv.DictReader(io.StringIO(answer.text))
    assert (settled["id"], settled["realised_close"], settled["low_80"]) == ("7", "47100.0", "46500.0")
    assert (settled["settled_at"], waiting["settled_at"]) == ("2022-01-01T01:00:00Z", "")
    assert "cursor=1-7" in answer.headers["link"]


@pytest.mark.parametrize(
    "wrong",
    [{"limit": 0}, {"limit": 10**9}, {"horizon": 97}, {"model": "\0"}, {"start": "noon"}, {"symbol": "B" * 201}],
)
def test_ledger_refuses_what_is_out_of_range(client, wrong):
    answer = client.get("/v1/forecasts", params={"symbol": "BTC/USDT", "timeframe": "1h"} | wrong)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_track_record_passes_every_filter_on(client, record):
    asked = {"symbol": "BTC/USDT", "timeframe": "1h", "horizon": 1, "model": "m1", "window": "7d"}

    answer = client.get("/v1/track-record", params=asked | {"by": "symbol", "days": True})
    assert answer.json()["window"] == "7d"
    assert record.asked[-1] == TrackRecordQuery(**asked, by_symbol=True, days=True)
    assert client.get("/v1/track-record", params={"by": "venue"}).status_code == 422
