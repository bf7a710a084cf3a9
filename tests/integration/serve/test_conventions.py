"""Do answers keep the conventions: ids, tags, tables, cursors, and what admins can do?"""

import csv
import io
from datetime import UTC, datetime

import pandas as pd
import pytest
import structlog

from candlecast.features.technical.columns import technical_indicators
from candlecast.market.indicators import GROUPS
from candlecast.storage.postgres.models import ModelStore
from tests.integration.serve.conftest import PAIR
from tests.integration.world import HOUR
from tests.storage_builders import make_record

SERIES = {"symbol": PAIR, "timeframe": "1h"}


def candles(client, *, accept="application/json", **params):
    return client.get("/v1/candles", params=SERIES | params, headers={"accept": accept})


def test_answer_has_the_id_of_its_request_or_a_new_one(client):
    given = client.get("/healthz", headers={"x-request-id": "mine-1"})
    bad = [client.get("/healthz", headers={"x-request-id": text}) for text in ("", "a b", "x" * 200)]

    assert given.headers["x-request-id"] == "mine-1"
    assert {len(answer.headers["x-request-id"]) for answer in bad} == {16}


def test_logs_of_a_request_have_its_id(world, client, monkeypatch):
    monkeypatch.setattr(world.services.reading.readiness, "model_ready", fail)
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        answer = client.get("/v1/symbols", headers={"x-request-id": "mine-2"})

    assert (answer.status_code, logs[0]["request_id"]) == (500, "mine-2")


async def fail():
    raise RuntimeError("as a bug would")


def test_candles_as_csv_are_the_candles_of_json(client):
    page = candles(client, limit=3).json()["candles"]

    answer = candles(client, limit=3, accept="text/html, text/csv;q=0.9, application/json;q=0.5")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert [(row["open_time"], float(row["close"])) for row in rows] == [
        (one["open_time"], one["close"]) for one in page
    ]


def test_candles_as_parquet_have_times_and_numbers(client):
    answer = candles(client, limit=3, accept="application/vnd.apache.parquet")

    table = pd.read_parquet(io.BytesIO(answer.content))

    assert str(table["open_time"].dtype) == "datetime64[us, UTC]"
    assert table["volume"].dtype == "float64"
    assert list(table["close"]) == [one["close"] for one in candles(client, limit=3).json()["candles"]]


def test_pages_are_linked_whatever_their_form(client, world):
    start = (world.recording.end - 60 * HOUR).isoformat()

    link = candles(client, accept="text/csv", start=start, limit=5).headers["link"]

    cursor = candles(client, start=start, limit=5).json()["next_cursor"]
    assert link.endswith('rel="next"')
    assert f"cursor={cursor}" in link
    assert "link" not in candles(client, limit=5).headers


def test_answer_that_did_not_change_is_a_304_without_a_body(client):
    first = candles(client)

    again = client.get("/v1/candles", params=SERIES, headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    table = client.get(
        "/v1/candles", params=SERIES, headers={"if-none-match": first.headers["etag"], "accept": "text/csv"}
    )

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert table.status_code == 200
    assert first.headers["vary"] == "Accept"


def test_answer_holds_until_the_next_candle_closes(client, world):
    # the clock stands at the close of a candle: the next one closes an hour later
    newest = candles(client).headers["cache-control"]
    past = candles(client, end=(world.recording.end - 60 * HOUR).isoformat()).headers["cache-control"]

    assert newest == past == "private, max-age=3600"
    assert candles(client, include_partial=True).headers["cache-control"] == "private, no-cache"


def test_answer_without_the_candles_that_are_due_is_asked_for_again(client, world):
    future = (world.recording.end + 60 * HOUR).isoformat()
    held = candles(client, start=(world.recording.end - 60 * HOUR).isoformat(), limit=5)

    assert candles(client, start=future).headers["cache-control"] == "private, no-cache"
    assert candles(client, end=future).headers["cache-control"] == "private, max-age=3600"
    assert held.json()["next_cursor"]
    assert held.headers["cache-control"] == "private, max-age=3600"


def test_indicators_are_aligned_with_the_candles(client, world):
    answer = client.get("/v1/indicators", params=SERIES | {"names": "rsi,macd,trend_aroon_up", "limit": 5}).json()

    stored = world.recording.series[PAIR].candles
    known = stored[stored["close_time"] <= world.recording.end - 30 * HOUR]
    expected = technical_indicators(known).iloc[-5:]
    page = candles(client, limit=5).json()["candles"]
    assert answer["open_times"] == [one["open_time"] for one in page]
    assert list(answer["series"]) == ["momentum_rsi", *GROUPS["macd"], "trend_aroon_up"]
    assert answer["series"]["trend_macd"] == pytest.approx(list(expected["trend_macd"]))


def test_indicators_that_are_not_known_yet_are_null(client):
    answer = client.get("/v1/indicators", params=SERIES | {"names": "rsi", "limit": 5_000}).json()

    assert answer["series"]["momentum_rsi"][:14] == [None] * 14
    assert answer["series"]["momentum_rsi"][14] is not None


def test_models_page_by_page_meet_every_model_once(client, world):
    store = ModelStore(world.database)
    for number in range(4):
        store.insert(make_record(f"p-{number}", horizon=4, trained_at=datetime(2021, 2, 1, number // 2, tzinfo=UTC)))
    found, cursor = [], None
    while True:
        page = client.get(
            "/v1/models", params={"horizon": 4, "limit": 3} | ({"cursor": cursor} if cursor else {})
        ).json()
        found += [model["id"] for model in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break

    assert found == ["p-3", "p-2", "p-1", "p-0"]


def test_model_tells_its_figures_and_not_where_its_files_lie(client, world):
    figures = {"accuracy": {"value": float("nan")}, "importance": {"gain": {"hour": 1.0}}}
    ModelStore(world.database).insert(make_record("told", horizon=9, metrics=figures))

    answer = client.get("/v1/models/told").json()

    assert answer["metrics"] == {"accuracy": {"value": None}}
    assert answer["importance"] == {"gain": {"hour": 1.0}}
    assert "artefact_path" not in answer


def test_promotion_of_a_model_whose_files_are_gone_is_a_503(client):
    answer = client.post("/v1/models/m1/promote")

    assert (answer.status_code, answer.json()["title"]) == (503, "Model integrity")


def test_rollback_without_a_champion_is_a_503(client):
    assert client.post("/v1/models/rollback", json={}).json()["title"] == "Model not ready"


def test_job_that_runs_already_is_the_answer_to_an_equal_order(client, world):
    order = {"symbols": [PAIR], "timeframe": "1h", "horizon": 4, "algorithm": "logistic"}

    answers = [client.post("/v1/jobs/train", json=order) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.json()["submitted"] for answer in answers] == [True, False]
    assert answers[0].headers["location"] == f"/v1/jobs/{answers[1].json()['id']}"
    assert world.cluster.orders[answers[0].json()["id"]] == (
        "python -m jobs.train --algorithm=logistic --horizon=4 --symbols=BTC/USDT --timeframe=1h"
    )


def test_session_is_kept_as_it_was_written_last(client):
    path = "/v1/sessions/" + "k" * 22
    assert client.get(path).status_code == 404

    for data in ({"theme": "dark"}, {"theme": "light", "symbols": [PAIR]}):
        client.put(path, json={"data": data})

    assert client.get(path).json()["data"] == {"theme": "light", "symbols": [PAIR]}
