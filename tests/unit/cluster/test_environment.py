"""Do children read exactly the settings of their parent?"""

import pytest

from candlecast.market.sources import SourceDecision
from candlecast.settings import Settings
from cluster.environment import (
    child_environment,
    client_environment,
    forget_published,
    settings_environment,
    with_stack_addresses,
)
from cluster.ports import Ports
from cluster.stack_files import stack_files


def local_settings(tmp_path, *, live: bool, **groups) -> tuple[Settings, Ports]:
    wanted = Settings(stack={"folder": tmp_path}, market={"symbols": "BTC/USDT"}, _env_file=None, **groups)
    files, ports = stack_files(wanted, live=live), Ports(100)
    decision = SourceDecision(live=live, banner="" if live else "Recorded candles (x), not live prices.")
    return with_stack_addresses(wanted, files=files, ports=ports, decision=decision), ports


def test_settings_environment_read_back_gives_equal_settings(tmp_path, monkeypatch):
    settings, _ = local_settings(tmp_path, live=False)
    for name, value in settings_environment(settings).items():
        monkeypatch.setenv(name, value)

    read = Settings(_env_file=None)

    for group in ("market", "replay", "ingest", "database", "redis", "api", "ui", "models", "cluster", "scheduler"):
        assert getattr(read, group) == getattr(settings, group), group


def test_with_stack_addresses_of_a_recording_sends_clients_to_the_replay_server(tmp_path):
    settings, ports = local_settings(tmp_path, live=False)

    assert settings.market.venue_url == settings.replay.url == ports.url("replay")
    assert settings.market.source == "recorded"


def test_with_stack_addresses_of_live_candles_leaves_the_venues_alone(tmp_path):
    settings, _ = local_settings(tmp_path, live=True)

    assert (settings.market.venue_url, settings.replay.url) == ("", "")


def test_with_stack_addresses_asks_for_no_key_on_this_machine(tmp_path):
    settings, _ = local_settings(tmp_path, live=False)

    assert (settings.api.require_key, settings.api.key.get_secret_value()) == (False, "")


@pytest.mark.parametrize("api", [{"require_key": True}, {"host": "0.0.0.0"}])
def test_with_stack_addresses_that_asks_for_keys_has_one_for_its_own_clients(tmp_path, api):
    settings, _ = local_settings(tmp_path, live=False, api=api)
    again, _ = local_settings(tmp_path, live=False, api=api)

    assert settings.api.require_key
    assert len(settings.api.key.get_secret_value()) == 64
    assert settings.api.key == again.api.key


def test_child_environment_turns_token_authentication_on_and_binds_loopback(tmp_path):
    settings, ports = local_settings(tmp_path, live=False)

    environment = child_environment(settings, files=stack_files(settings, live=False), ports=ports)

    assert environment["RAY_AUTH_MODE"] == "token"
    assert environment["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] == "0"
    assert environment["RAY_SERVE_ENABLE_HA_PROXY"] == environment["RAY_SERVE_THROUGHPUT_OPTIMIZED"] == "1"


def test_client_environment_speaks_to_the_stack_and_keeps_the_owner_out(tmp_path):
    settings, ports = local_settings(tmp_path, live=False)
    environment = child_environment(settings, files=stack_files(settings, live=False), ports=ports)

    published = client_environment(environment)

    assert {"RAY_API_SERVER_ADDRESS", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN_PATH", "CANDLECAST_DATABASE__URL"} <= set(
        published
    )
    assert [name for name in published if "OWNER" in name or name.startswith("RAY_SERVE")] == []


def test_forget_published_in_the_shell_of_another_stack_leaves_its_own_settings(tmp_path, monkeypatch):
    settings, ports = local_settings(tmp_path, live=False)
    environment = child_environment(settings, files=stack_files(settings, live=False), ports=ports)
    for name, value in client_environment(environment).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CANDLECAST_LOG_LEVEL", "DEBUG")

    forget_published()

    assert Settings(_env_file=None) == Settings(log_level="DEBUG", _env_file=None)
    assert Settings(_env_file=None).market.venue_url == ""
