"""What does docker-compose.yml say? Asked of Compose itself, before anything is built."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.compose.stack import ComposeStack

SHARED = ("RAY_SERVE_", "RAY_AUTH_")
NODES = ("ray-head", "ray-serve", "ray-train")


@pytest.fixture(scope="module")
def services(bare_stack: ComposeStack) -> dict[str, Any]:
    return bare_stack.configured(COMPOSE_PROFILES="recorded,monitoring")["services"]


def knowing(services: dict[str, Any], secret: str) -> set[str]:
    return {name for name, one in services.items() if secret in [used["source"] for used in one.get("secrets", [])]}


def test_configuration_without_secrets_names_the_command_that_makes_them(bare_stack: ComposeStack):
    answer = bare_stack.compose("config", "-q", variables={"SECRETS_FOLDER": ""})

    assert answer.returncode != 0
    assert "SECRETS_FOLDER" in answer.stderr
    assert "candlecast keys init" in answer.stderr


def test_configuration_shows_no_secret(bare_stack: ComposeStack):
    told = bare_stack.compose("--profile", "*", "config").stdout + (bare_stack.folder / ".env").read_text()

    assert "ray-serve" in told
    shown = [name for name, value in bare_stack.secrets().items() if value and value in told]
    assert shown == []


def test_configuration_for_live_candles_has_no_replay(bare_stack: ComposeStack):
    live = bare_stack.configured(SOURCE="live", COMPOSE_PROFILES="")["services"]

    environment = live["ray-serve"]["environment"]
    assert "replay" not in live
    assert environment["CANDLECAST_MARKET__SOURCE"] == "live"
    assert "CANDLECAST_REPLAY__URL" not in environment
    assert "CANDLECAST_MARKET__VENUE_URL" not in environment


def test_nodes_agree_on_everything_that_ray_serve_and_its_tokens_read(services: dict[str, Any]):
    read = [
        {key: value for key, value in services[name]["environment"].items() if key.startswith(SHARED)} for name in NODES
    ]

    assert read[0] == read[1] == read[2]
    assert read[0]["RAY_AUTH_MODE"] == "token"
    assert read[0]["RAY_SERVE_ENABLE_HA_PROXY"] == "1"


def test_settings_of_the_env_file_reach_every_node(bare_stack: ComposeStack, tmp_path: Path):
    chosen = {"CANDLECAST_INGEST__SYMBOLS_PER_ACTOR": "20", "CANDLECAST_MARKET__VENUES": "kraken,yahoo"}
    env_file = tmp_path / "chosen.env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in chosen.items()))
    configured = bare_stack.configured(ENV_FILE=str(env_file))["services"]

    assert "--labels=role=serve" in configured["ray-serve"]["command"]
    assert "--labels=role=train" in configured["ray-train"]["command"]
    for service in (*NODES, "ingest", "deploy"):
        assert chosen.items() <= configured[service]["environment"].items()


def test_owner_of_the_database_is_known_to_the_database_and_migrate_alone(services: dict[str, Any]):
    assert knowing(services, "postgres_password") == {"postgres", "migrate"}
    assert {name for name, one in services.items() if "OWNER_" in json.dumps(one.get("environment"))} == {"migrate"}


def test_admin_key_of_the_api_is_known_to_migrate_alone(services: dict[str, Any]):
    assert knowing(services, "api_admin_key") == {"migrate"}


def test_every_service_has_limits_hardening_and_a_bounded_log(services: dict[str, Any]):
    for name, one in services.items():
        assert one["read_only"], name
        assert one["cap_drop"] == ["ALL"], name
        assert "cap_add" not in one, name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert int(one["mem_limit"]) > 0, name
        assert one["restart"] == "no" or float(one["cpus"]) > 0, name
        assert one["pids_limit"] > 0, name
        assert one["logging"]["options"], name
