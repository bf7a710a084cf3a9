"""Does one command lead from nothing to a forecast, and leave nothing behind?

The tests run in the order of this file: the last ones kill, restart and stop the stack.
"""

import json
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import httpx2
import pandas as pd
import pytest

from candlecast.replay.remote import fetch_clock
from cluster.ports import require_free_ports
from tests.e2e.conftest import CANDLECAST, SYMBOLS, Stack

pytestmark = pytest.mark.timeout(600)

PROBLEM = "application/problem+json"
RAY = str(Path(sys.executable).with_name("ray"))


def get(stack: Stack, path: str, **params) -> httpx2.Response:
    return httpx2.get(stack.ports.url("serve") + path, params=params, timeout=30)


def forecast(stack: Stack, symbol: str = SYMBOLS[0], *, patience_s: float = 60.0, newer_than: str = "") -> dict:
    """Return a forecast, waiting for the next candle where there is none from a newer one yet."""
    deadline_s = time.monotonic() + patience_s
    while True:
        answer = get(stack, "/v1/forecasts/latest", symbol=symbol, timeframe="1h")
        if answer.status_code == 200 and answer.json()["as_of"] > newer_than:
            return answer.json()
        assert time.monotonic() < deadline_s, answer.text
        time.sleep(0.5)


def test_run_of_a_recording_says_so_first_and_prints_the_addresses(stack):
    lines = stack.output.read_text().splitlines()

    assert lines[0] == "candlecast: Recorded candles (data), not live prices."
    assert any("first forecast after" in line for line in lines)
    assert stack.ports.url("ui") in lines[-1]


def test_forecast_of_the_running_stack_is_whole(stack):
    made = forecast(stack)

    assert made["as_of"] <= made["made_at"] < made["target_time"]
    assert 0 < made["p_up"] < 1
    assert [band["level"] for band in made["intervals"]] == [0.5, 0.8, 0.9, 0.95]
    assert all(band["low"] < made["last_close"] < band["high"] for band in made["intervals"])
    assert set(made["sentiment"]) == {"score", "n", "available"}


def test_forecast_asked_twice_is_one_row_of_the_ledger(stack):
    first, second = forecast(stack), forecast(stack)
    rows = stack.query(
        "SELECT count(*), count(DISTINCT (symbol_id, timeframe, horizon, as_of, model_id)) FROM predictions_table",
    )

    if first["as_of"] == second["as_of"]:
        assert (first["made_at"], first["p_up"]) == (second["made_at"], second["p_up"])
    assert rows[0][0] == rows[0][1] > 0


def test_stored_candles_equal_the_files_row_for_row_with_their_gaps(stack):
    clock = fetch_clock(stack.environment()["CANDLECAST_REPLAY__URL"])
    before = clock.now()
    for symbol in SYMBOLS:
        file = pd.read_csv(stack.data / f"{symbol.replace('/', '_')}.csv.gz")
        opens = pd.to_datetime(file["ts"], utc=True)
        newest = stack.query(
            f"SELECT max(close_time) FROM ohlcv_table JOIN symbols ON id = symbol_id WHERE symbol = '{symbol}'"
        )
        closed = opens + pd.Timedelta(hours=1) <= min(before, newest[0][0])
        rows = stack.query(
            "SELECT open_time, open, high, low, close, volume FROM ohlcv_table JOIN symbols ON id = symbol_id "
            f"WHERE symbol = '{symbol}' AND close_time <= '{before.isoformat()}' ORDER BY open_time",
        )

        stored = pd.DataFrame(rows, columns=["ts", "open", "high", "low", "close", "volume"])
        assert list(pd.to_datetime(stored["ts"], utc=True)) == list(opens[closed])
        prices = ["open", "high", "low", "close", "volume"]
        pd.testing.assert_frame_equal(stored[prices], file.loc[closed, prices].reset_index(drop=True), check_exact=True)


def test_next_candle_is_stored_as_it_closes_and_forecast_from(stack):
    first = forecast(stack)

    second = forecast(stack, newer_than=first["as_of"])

    assert second["as_of"] >= first["target_time"]
    assert not second["data"]["stale"]
    newest = get(stack, "/v1/candles", symbol=SYMBOLS[0], timeframe="1h", limit=1).json()["candles"][0]
    assert newest["close_time"] >= second["as_of"]


def test_candles_route_pages_through_everything_in_order(stack):
    pages, cursor = [], None
    while True:
        params = {"symbol": SYMBOLS[1], "timeframe": "1h", "start": "2021-01-01T00:00:00Z", "limit": 900}
        page = get(stack, "/v1/candles", **params, **({"cursor": cursor} if cursor else {})).json()
        pages += [candle["open_time"] for candle in page["candles"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    stored = stack.query(
        f"SELECT count(*) FROM ohlcv_table JOIN symbols ON id = symbol_id WHERE symbol = '{SYMBOLS[1]}'"
    )
    assert pages == sorted(set(pages))
    assert stored[0][0] - 2 <= len(pages) <= stored[0][0]


@pytest.mark.parametrize(
    ("params", "status", "says"),
    [
        ({"symbol": "BTC/USD", "timeframe": "1h"}, 404, "BTC/USDT"),
        ({"symbol": "BTC/USDT", "timeframe": "7m"}, 422, "1m, 5m, 15m, 1h, 4h, 1d"),
        ({"symbol": "BTC/USDT", "timeframe": "1h", "horizon": "0"}, 422, "between 1 and 96"),
        ({"symbol": "NEW/USDT", "timeframe": "1h"}, 409, "backfill"),
        ({"symbol": "BTC/USDT", "timeframe": "1h", "horizon": "24"}, 503, "candlecast train"),
        ({"symbol": "'; DROP TABLE symbols; --", "timeframe": "1h"}, 404, "is not known"),
    ],
)
def test_bad_request_to_the_stack_is_a_problem_with_the_next_step(stack, params, status, says):
    answer = get(stack, "/v1/forecasts/latest", **params)

    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert says in answer.json()["detail"]
    assert "Traceback" not in answer.text


def test_readyz_of_a_recording_shows_the_banner_and_every_check(stack):
    ready = get(stack, "/readyz").json()

    assert ready["ready"]
    assert ready["banner"].startswith("Recorded candles")
    assert {check["name"]: check["ok"] for check in ready["checks"]}["redis"]
    assert set(ready["data_age_s"]) == set(SYMBOLS)


def test_sentiment_route_judges_headlines_by_the_shipped_model(stack):
    texts = ["Bitcoin crashes 20% as exchange halts withdrawals", "Fed cuts rates, stocks rally to record high", "Ouch"]

    answer = httpx2.post(stack.ports.url("serve") + "/v1/sentiment", json={"texts": texts}, timeout=60).json()

    assert answer["engine"] == "ensemble"
    assert [score["label"] for score in answer["scores"]] == ["negative", "positive", None]
    assert answer["scores"][2]["abstain_reason"].startswith("too short")


def test_news_of_the_recording_is_collected_judged_and_part_of_forecasts(stack):
    deadline_s = time.monotonic() + 120
    while True:
        items = get(stack, "/v1/news", symbol=SYMBOLS[0], limit=200).json()["items"]
        live = [item for item in items if not item["estimated"] and item["sentiment"]]
        summary = get(stack, "/v1/sentiment", symbol=SYMBOLS[0], window="24h").json()
        told = get(stack, "/v1/forecasts/latest", symbol=SYMBOLS[0], timeframe="1h").json().get("sentiment", {})
        if live and summary["n"] and told.get("available"):
            break
        assert time.monotonic() < deadline_s, (items[:2], summary, told, stack.logs())
        time.sleep(1)

    assert len(items) > 20
    assert -1 <= summary["score"] <= 1
    assert all(item["published_at"] <= item["known_at"] for item in items)
    ready = get(stack, "/readyz").json()
    assert {state["state"] for name, state in ready["feeds"].items() if name.startswith("rss:")} == {"ok"}
    assert ready["feeds"]["newsapi"]["state"] == "skipped"
    assert 'candlecast_feed_up{feed="rss:coindesk",state="ok"} 1.0' in get(stack, "/metrics").text


def test_jobs_api_without_the_token_is_refused(stack):
    assert httpx2.get(stack.ports.url("dashboard") + "/api/jobs/", timeout=10).status_code == 401


def test_nothing_of_the_stack_listens_beyond_loopback_but_replica_grpc(stack):
    # each Serve replica opens one gRPC port on every interface, which Ray 2.60 hard-codes
    assert stack.listening() - {"::"} <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


def test_ray_job_submit_after_candlecast_env_trains_a_model(stack):
    env_lines = subprocess.run(
        [CANDLECAST, "env", "--folder", str(stack.folder)], capture_output=True, text=True, check=True
    )
    names = {line.removeprefix("export ").split("=", 1)[0] for line in env_lines.stdout.splitlines()}
    command = [
        RAY,
        "job",
        "submit",
        "--",
        "python",
        "-m",
        "jobs.train",
        "--symbols",
        "BTC/USDT,ETH/USDT",
        "--timeframe",
        "1h",
    ]

    job = subprocess.run(command, env=stack.environment(), capture_output=True, text=True, timeout=240)

    assert {"RAY_API_SERVER_ADDRESS", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN_PATH"} <= names
    assert "CANDLECAST_DATABASE__OWNER_URL" not in names
    assert job.returncode == 0, job.stdout + job.stderr
    assert "out of sample accuracy" in job.stdout
    assert stack.query("SELECT count(*) FROM model_metadata")[0][0] >= 2


def test_candlecast_tune_searches_and_registers_the_best(stack):
    job = subprocess.run(
        [CANDLECAST, "tune", "--symbols", "BTC/USDT,ETH/USDT", "--trials", "2"],
        env=stack.environment(), capture_output=True, text=True, timeout=240,
    )  # fmt: skip

    assert job.returncode == 0, job.stdout + job.stderr
    assert "best of 2 trials" in job.stdout
    state = get(stack, f"/v1/jobs/{job.stdout.split()[1]}").json()
    assert (state["status"], state["progress"]["done"]) == ("SUCCEEDED", state["progress"]["total"])
    assert any("progress 2/2 trials" in line for line in state["log"])
    assert stack.query("SELECT count(*) FROM model_metadata WHERE status = 'champion'") == [(1,)]


def test_candlecast_models_rollback_promotes_the_one_before(stack):
    [(before,)] = stack.query("SELECT id FROM model_metadata WHERE status = 'champion'")
    [(other,), *_] = stack.query("SELECT id FROM model_metadata WHERE status <> 'champion'")

    for arguments, serves in ((["promote", other], other), (["rollback"], before)):
        command = subprocess.run(
            [CANDLECAST, "models", *arguments], env=stack.environment(), capture_output=True, text=True, timeout=60
        )
        assert command.returncode == 0, command.stderr
        assert serves in command.stdout
        assert stack.query("SELECT id FROM model_metadata WHERE status = 'champion'") == [(serves,)]


def test_candlecast_backfill_and_doctor_agree_that_nothing_is_missing(stack):
    since = pd.read_csv(stack.data / "BTC_USDT.csv.gz")["ts"].iloc[0]
    flags = ["--symbols", ",".join(SYMBOLS[:2]), "--since", since.replace(" ", "T")]
    backfill, doctor = (
        subprocess.run([CANDLECAST, *arguments], env=stack.environment(), capture_output=True, text=True, timeout=240)
        for arguments in (["backfill", *flags, "--json"], ["doctor", "--data", "--json"])
    )

    filled, said = (json.loads(command.stdout.splitlines()[-1]) for command in (backfill, doctor))
    series = {one["symbol"]: one for one in said["series"]}
    assert (backfill.returncode, doctor.returncode) == (0, 0), doctor.stdout
    assert (filled["missing"], filled["failed_ranges"]) == (0, 0)
    assert set(series) == set(SYMBOLS)
    for symbol in SYMBOLS[:2]:
        n_gone = sum(hole["n_candles"] for hole in series[symbol]["outages"])
        assert series[symbol]["expected"] - series[symbol]["stored"] == n_gone > 0


def test_second_run_in_the_same_folder_is_refused_in_one_line(stack):
    second = subprocess.run(
        [CANDLECAST, "run", "--folder", str(stack.folder)], capture_output=True, text=True, timeout=60
    )

    assert second.returncode == 1
    assert second.stderr.strip().count("\n") == 0
    assert "a stack already runs in" in second.stderr


def test_stack_killed_outright_leaves_nothing_and_finds_its_data_again(stack):
    made = forecast(stack)

    stack.process.kill()
    stack.process.wait()
    stack.start()

    again = get(stack, "/v1/candles", symbol=SYMBOLS[0], timeframe="1h", limit=5_000).json()["candles"]
    # the same moment made forecasts of other symbols, and a challenger's of this one
    counted = "SELECT count(*) FROM predictions_table JOIN symbols s ON s.id = symbol_id"
    one = f"symbol = '{SYMBOLS[0]}' AND model_id = '{made['model']['id']}' AND made_at = '{made['made_at']}'"
    ledger = stack.query(f"{counted} WHERE {one}")
    assert datetime.fromisoformat(again[-1]["close_time"]) >= datetime.fromisoformat(made["as_of"])
    assert ledger == [(1,)]
    assert forecast(stack)["made_at"] >= made["made_at"]


def test_stack_stopped_by_sigterm_leaves_no_process_and_frees_its_ports(stack):
    code = stack.stop(signal.SIGTERM)

    require_free_ports(stack.ports)
    assert code == 0
    assert stack.pids() == []
    assert not (stack.folder / "environment.json").exists()
    assert "stopped; the data stays in" in stack.output.read_text()
