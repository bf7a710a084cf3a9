"""Does the stack of docker-compose.yml answer a forecast, keep its doors shut, and grow?"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from candlecast.client import CandlecastClient
from tests.compose.conftest import SYMBOLS, ComposeStack

# a cold build of the images alone takes minutes
pytestmark = pytest.mark.timeout(1_500)

SHARED = ("RAY_SERVE_", "RAY_AUTH_")
PUBLISHED = {"ray-head": {"8000/tcp", "8265/tcp"}, "ui": {"7860/tcp"}}


def authorization(stack: ComposeStack) -> dict[str, str]:
    return {"Authorization": f"Bearer {stack.token_file.read_text().strip()}"}


def alive_nodes(stack: ComposeStack) -> set[str]:
    answer = httpx2.get(f"{stack.url('dashboard')}/api/v0/nodes", headers=authorization(stack), timeout=30)
    nodes = answer.raise_for_status().json()["data"]["result"]["result"]
    return {node["node_id"] for node in nodes if node["state"] == "ALIVE"}


def test_configuration_without_secrets_names_the_script_that_makes_them(bare_stack: ComposeStack):
    answer = bare_stack.compose("config", "-q", POSTGRES_PASSWORD="")

    assert answer.returncode != 0
    assert "POSTGRES_PASSWORD" in answer.stderr
    assert "cluster/compose_secrets.sh" in answer.stderr


def test_configuration_for_live_candles_has_no_replay(bare_stack: ComposeStack):
    answer = bare_stack.compose("config", "--format", "json", COMPOSE_PROFILES="live")

    live = json.loads(answer.stdout)
    environment = live["services"]["ray-worker"]["environment"]
    assert "replay" not in live["services"]
    assert environment["CANDLECAST_MARKET__SOURCE"] == "live"
    assert "CANDLECAST_REPLAY__URL" not in environment
    assert "CANDLECAST_MARKET__VENUE_URL" not in environment


def test_nodes_agree_on_everything_that_ray_serve_and_its_tokens_read(bare_stack: ComposeStack):
    services = json.loads(bare_stack.compose("config", "--format", "json").stdout)["services"]

    head, worker = (
        {key: value for key, value in services[name]["environment"].items() if key.startswith(SHARED)}
        for name in ("ray-head", "ray-worker")
    )
    assert head == worker
    assert head["RAY_AUTH_MODE"] == "token"
    assert head["RAY_SERVE_ENABLE_HA_PROXY"] == "1"


def test_worker_may_hold_ingestion_and_knows_how_to_follow(bare_stack: ComposeStack):
    chosen = {"CANDLECAST_INGEST__SYMBOLS_PER_ACTOR": "20", "CANDLECAST_MARKET__VENUES": "kraken,yahoo"}
    configured = json.loads(bare_stack.compose("config", "--format", "json", **chosen).stdout)["services"]

    assert "--labels=role=serve" in configured["ray-worker"]["command"]
    for service in ("ray-head", "ray-worker", "ingest", "deploy"):
        assert chosen.items() <= configured[service]["environment"].items()


def test_owner_of_the_database_is_known_to_migrate_alone(bare_stack: ComposeStack):
    services = json.loads(bare_stack.compose("config", "--format", "json").stdout)["services"]

    knowing = {name for name, service in services.items() if "OWNER_URL" in json.dumps(service["environment"])}
    assert knowing == {"migrate"}


def test_admin_key_of_the_api_is_known_to_migrate_alone(bare_stack: ComposeStack):
    services = json.loads(bare_stack.compose("config", "--format", "json").stdout)["services"]

    knowing = {name for name, service in services.items() if "API__ADMIN_KEY" in json.dumps(service["environment"])}
    assert knowing == {"migrate"}


def test_api_asked_without_its_key_is_closed(stack: ComposeStack):
    assert httpx2.get(stack.url("api") + "/v1/symbols", timeout=30).status_code == 401
    assert httpx2.get(stack.url("api") + "/healthz", timeout=30).status_code == 200


def test_forecast_asked_from_the_host_is_answered(client: CandlecastClient):
    forecast = client.forecast(symbol=SYMBOLS[0], timeframe="1h", horizon=1)

    assert forecast.symbol == SYMBOLS[0]
    assert 0 < forecast.p_up < 1
    assert forecast.made_at < forecast.target_time
    assert all(interval.low < forecast.last_close < interval.high for interval in forecast.intervals)


def test_forecast_moves_on_with_the_candles_that_ingest_stores(client: CandlecastClient):
    first = client.forecast(symbol=SYMBOLS[1], timeframe="1h", horizon=1)
    deadline_s = time.monotonic() + 120

    newest = first
    while newest.as_of == first.as_of and time.monotonic() < deadline_s:
        time.sleep(1)
        newest = client.forecast(symbol=SYMBOLS[1], timeframe="1h", horizon=1)

    assert newest.as_of > first.as_of


def test_page_is_served_to_the_host(stack: ComposeStack):
    answer = httpx2.get(stack.url("ui"), timeout=30)

    assert answer.status_code == httpx2.codes.OK
    assert "Candlecast" in answer.text


def test_job_submitted_from_the_host_with_the_token_runs(stack: ComposeStack):
    command = [str(Path(sys.executable).with_name("ray")), "job", "submit", "--address", stack.url("dashboard")]
    environment = {**os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(stack.token_file)}

    answer = subprocess.run(
        [*command, "--", "python", "-c", "print(6 * 7, 'candles')"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
    )

    assert answer.returncode == 0, answer.stderr
    assert "42 candles" in answer.stdout


@pytest.mark.parametrize(("headers", "status"), [({}, 401), ({"Authorization": "Bearer " + 64 * "0"}, 403)])
def test_job_submitted_without_the_token_is_refused(stack: ComposeStack, headers: dict[str, str], status: int):
    answer = httpx2.post(
        f"{stack.url('dashboard')}/api/jobs/", json={"entrypoint": "echo no"}, headers=headers, timeout=30
    )

    assert answer.status_code == status


def test_ports_are_published_on_loopback_and_stores_publish_none(stack: ComposeStack):
    published = {}
    for container in stack.containers():
        bindings = {port: found for port, found in container["NetworkSettings"]["Ports"].items() if found}
        assert all(binding["HostIp"] == "127.0.0.1" for found in bindings.values() for binding in found)
        if bindings:
            published[container["Config"]["Labels"]["com.docker.compose.service"]] = set(bindings)

    assert published == PUBLISHED


def test_containers_run_without_root_rights_or_a_writable_root(stack: ComposeStack):
    containers = stack.containers()

    assert len(containers) == 7
    for container in containers:
        service = container["Config"]["Labels"]["com.docker.compose.service"]
        status = stack.run_in(service, "grep", "-E", "^(Uid|CapEff|NoNewPrivs):", "/proc/1/status").stdout.split()
        assert "0" not in status[1:5], f"{service} runs as root"
        assert status[status.index("CapEff:") + 1] == "0" * 16
        assert status[status.index("NoNewPrivs:") + 1] == "1"
        assert container["HostConfig"]["ReadonlyRootfs"], f"{service} can write to its image"


def test_page_reaches_the_api_but_not_the_stores(stack: ComposeStack):
    script = "import socket; socket.create_connection(('{}', {}), timeout=3)"
    doors = {"ray-head": 8000, "postgres": 5432, "redis": 6379}

    reached = {
        name
        for name, port in doors.items()
        if stack.run_in("ui", "python", "-c", script.format(name, port)).returncode == 0
    }

    assert reached == {"ray-head"}


def test_second_worker_joins_and_forecasts_go_on(stack: ComposeStack, client: CandlecastClient):
    before = alive_nodes(stack)

    scaled = stack.compose("up", "-d", "--wait", "--no-recreate", "--scale", "ray-worker=2", "ray-worker", limit_s=240)

    assert scaled.returncode == 0, scaled.stderr
    assert len(before) == 2
    assert len(alive_nodes(stack) - before) == 1
    assert client.forecast(symbol=SYMBOLS[0], timeframe="1h", horizon=1).symbol == SYMBOLS[0]
