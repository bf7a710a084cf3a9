import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from candlecast.logs import configure_logs
from candlecast.settings import Settings

CANARY = "canary-s3cret"


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def settings(folder: Path, **logs: object) -> Settings:
    return Settings(
        log_json=True,
        logs={"folder": folder, **logs},
        redis={"url": f"redis://:{CANARY}@127.0.0.1:1/0"},
        api={"key": CANARY},
        _env_file=None,
    )


def lines(folder: Path, program: str = "api") -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / f"{program}.log").read_text().splitlines()]


def test_event_is_one_json_object_with_program_process_and_job(tmp_path, capsys):
    configure_logs(settings(tmp_path), program="api", job="train-1")

    structlog.get_logger("candlecast.x").info("candle stored", symbol="BTC/USDT")

    [line] = lines(tmp_path)
    assert (line["event"], line["symbol"], line["program"], line["job"]) == (
        "candle stored",
        "BTC/USDT",
        "api",
        "train-1",
    )
    assert {"timestamp", "level", "logger", "pid", "host"} <= line.keys()
    assert json.loads(capsys.readouterr().err) == line


def test_record_of_a_library_looks_the_same_and_may_name_a_symbol(tmp_path):
    configure_logs(settings(tmp_path), program="api")

    logging.getLogger("library").warning("%s is late", "BTC/USDT", extra={"symbol": "BTC/USDT"})

    [line] = lines(tmp_path)
    assert (line["event"], line["symbol"], line["logger"]) == ("BTC/USDT is late", "BTC/USDT", "library")


def test_request_id_that_is_bound_is_in_every_line(tmp_path):
    configure_logs(settings(tmp_path), program="api")

    with structlog.contextvars.bound_contextvars(request_id="abc"):
        logging.getLogger("library").warning("slow")

    assert lines(tmp_path)[0]["request_id"] == "abc"


def test_error_carries_its_stack_trace(tmp_path):
    configure_logs(settings(tmp_path), program="api")

    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger("x").exception("request failed")

    assert "ValueError: broken" in str(lines(tmp_path)[0]["exception"])


def test_secret_is_in_no_line_whether_in_event_field_or_trace(tmp_path, capsys):
    configure_logs(settings(tmp_path), program="api")

    try:
        raise ValueError(f"no route to redis://:{CANARY}@127.0.0.1:1/0")
    except ValueError:
        structlog.get_logger("x").exception(f"failed with {CANARY}", url=f"redis://:{CANARY}@h", values=[CANARY])
    logging.getLogger("library").error("key %s", CANARY)

    told = (tmp_path / "api.log").read_text() + capsys.readouterr().err
    assert "no route to" in told
    assert CANARY not in told


FORGED = "late\r\n2026-01-01T00:00:00Z [info     ] all is well \x1b[2J\x1b]0;title\x07 \x9b2J \u2028\u202e"


@pytest.mark.parametrize("log_json", [True, False])
def test_foreign_text_forges_no_line_and_moves_no_cursor(tmp_path, capsys, log_json):
    configure_logs(settings(tmp_path).model_copy(update={"log_json": log_json}), program="api")

    structlog.get_logger("x").warning(FORGED, reason=FORGED, values=[FORGED])
    logging.getLogger("library").warning("feed says %s", FORGED)

    for told in ((tmp_path / "api.log").read_text(), capsys.readouterr().err):
        assert len(told.splitlines()) == 2
        assert not set(told) & set("\r\x1b\x07\u2028\u202e")
        assert "all is well" in told


def test_foreign_text_in_a_trace_begins_no_line_of_its_own(tmp_path, capsys):
    configure_logs(settings(tmp_path).model_copy(update={"log_json": False}), program="api")

    try:
        raise ValueError(FORGED)
    except ValueError:
        structlog.get_logger("x").exception("failed")

    first, *others = (tmp_path / "api.log").read_text().splitlines()
    assert "failed" in first
    assert all(line.startswith("    ") for line in others if line.strip() != "Traceback (most recent call last):")
    assert "\x1b" not in capsys.readouterr().err


def test_lines_of_a_ray_worker_go_to_the_console_of_the_settings_and_not_to_standard_error(tmp_path, capsys):
    console = tmp_path / "console"
    console.touch()
    configure_logs(settings(tmp_path, console=console), program="ingest", of_ray=True)

    logging.getLogger("x").warning("late")

    assert console.read_text() == (tmp_path / "ingest.log").read_text() != ""
    assert capsys.readouterr().err == ""


def test_program_whose_output_the_folder_keeps_already_writes_no_second_file(tmp_path, monkeypatch):
    with (tmp_path / "kept.log").open("w") as kept:
        monkeypatch.setattr("candlecast.logs._STANDARD_ERROR", kept.fileno())
        configure_logs(settings(tmp_path), program="ui")

    assert [path.name for path in tmp_path.iterdir()] == ["kept.log"]
