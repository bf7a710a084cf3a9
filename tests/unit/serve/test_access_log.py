import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from candlecast.redaction import Redactor
from candlecast.settings import Settings
from serve.access_log import AccessLog, open_access_log
from serve.api.services import Services, current
from serve.app import build_api

NOW = datetime(2024, 1, 31, 12, tzinfo=UTC)


class Lines:
    """Keeps what is written, or refuses it."""

    def __init__(self, *, full: bool = False) -> None:
        self.full = full
        self.written: list[dict[str, Any]] = []

    def write(self, lines: bytes) -> None:
        if self.full:
            raise OSError("no space left on device")
        self.written += [json.loads(line) for line in lines.splitlines()]


class FailingReading:
    class readiness:
        @staticmethod
        async def check():
            raise RuntimeError("nobody expected that")


def access_log(lines: Lines, *, share: float = 1.0) -> AccessLog:
    return AccessLog([lines], redact=Redactor(["canary-s3cret"]), share=share, clock=SimpleNamespace(now=lambda: NOW))


def ask(log: AccessLog, path: str, **headers: str) -> None:
    api = build_api()
    services = Services(reading=FailingReading(), forecaster=None, sentiment=None, access_log=log)
    api.dependency_overrides[current] = lambda: services
    with TestClient(api, raise_server_exceptions=False) as client:
        client.get(path, headers=headers)
    log.write()


def test_request_is_one_line_with_its_id_status_and_time():
    lines = Lines()

    ask(access_log(lines), "/nothing", **{"x-request-id": "abc"})

    [line] = lines.written
    assert (line["event"], line["method"], line["path"], line["status"]) == ("request", "GET", "/nothing", 404)
    assert (line["request_id"], line["program"]) == ("abc", "api")
    assert line["timestamp"].startswith("2024-01-31T11:59:59") or line["timestamp"].startswith("2024-01-31T12:00")
    assert 0 <= line["ms"] < 10_000


def test_request_that_failed_unexpectedly_is_a_line_with_500():
    lines = Lines()

    ask(access_log(lines, share=1e-12), "/readyz")

    assert [line["status"] for line in lines.written] == [500]


def test_probe_that_went_well_gets_no_line():
    lines = Lines()

    ask(access_log(lines), "/healthz")

    assert lines.written == []


def test_share_of_requests_that_did_not_fail_is_left_out():
    lines = Lines()

    ask(access_log(lines, share=1e-12), "/nothing")

    assert lines.written == []


@pytest.mark.parametrize("path", ["/nothing?key=hunter22", "/nothing?x=canary-s3cret", "/canary-s3cret"])
def test_secret_in_an_address_is_not_written(path):
    lines = Lines()

    ask(access_log(lines), path)

    assert "***" in json.dumps(lines.written)
    assert "s3cret" not in json.dumps(lines.written)
    assert "hunter22" not in json.dumps(lines.written)


def test_lines_that_no_disk_takes_are_dropped_and_later_ones_written():
    lines = Lines(full=True)
    log = access_log(lines)
    ask(log, "/nothing")
    lines.full = False

    ask(log, "/nothing")

    assert len(lines.written) == 1


@pytest.mark.parametrize(("access", "folder"), [(0.0, True), (1.0, False)])
def test_access_log_that_is_off_or_has_no_place_is_none(tmp_path, access, folder):
    settings = Settings(logs={"access": access, "folder": tmp_path if folder else None}, _env_file=None)

    assert open_access_log(settings) is None
