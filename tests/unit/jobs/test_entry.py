"""Does every command end in one clear line and the right exit code?"""

import json
import os
import signal
import time

import pytest
import typer

from candlecast.errors import InvalidRequestError, StackError, StaleDataError
from jobs.entry import load_settings, run_command, show


def raising(error: Exception):
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StackError("port 8000 is taken; stop it"), 1),
        (InvalidRequestError("timeframe must be 1h, was 7m"), 2),
        (StaleDataError("newest candle is too old"), 3),
        (KeyboardInterrupt(), 130),
    ],
)
def test_run_command_that_fails_exits_with_its_code_and_one_line(error, code, capsys):
    with pytest.raises(SystemExit) as ended:
        run_command(raising(error))

    assert ended.value.code == code
    assert capsys.readouterr().err.strip().count("\n") == 0


def test_error_with_foreign_characters_is_one_harmless_line(capsys):
    with pytest.raises(SystemExit):
        run_command(raising(StackError("feed says \x1b[2J\nall is well\r")))

    [line] = capsys.readouterr().err.splitlines()
    assert r"feed says \x1b[2J" in line
    assert "\x1b[2J" not in line


def test_run_command_that_is_told_to_stop_cleans_up_and_ends_as_a_terminated_program(capsys):
    cleaned = []

    def command() -> None:
        app = typer.Typer(add_completion=False)

        @app.command()
        def wait() -> None:
            try:
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(10)
            finally:
                # a second one does not break off what the first one began
                os.kill(os.getpid(), signal.SIGTERM)
                cleaned.append(True)

        app([])

    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as ended:
            run_command(command)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert ended.value.code == 143
    assert cleaned == [True]
    assert capsys.readouterr().err.strip() == "candlecast: stopped by SIGTERM; the same command goes on or begins again"


def test_load_settings_out_of_range_names_the_setting_and_its_value(monkeypatch):
    monkeypatch.setenv("CANDLECAST_REPLAY__SPEED", "-3")

    with pytest.raises(InvalidRequestError, match=r"CANDLECAST_REPLAY__SPEED.*-3"):
        load_settings()


def test_show_as_json_prints_one_object(capsys):
    show({"stored": 3}, text="3 stored", as_json=True)

    assert json.loads(capsys.readouterr().out) == {"stored": 3}


def test_command_line_offers_every_documented_command():
    from jobs.cli import app

    names = set(typer.main.get_command(app).commands)

    stack = {"run", "deploy", "env", "status", "predict", "db", "models"}
    assert stack | {"backfill", "ingest", "train", "tune", "evaluate"} <= names
