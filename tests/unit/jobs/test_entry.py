"""Does every command end in one clear line and the right exit code?"""

import json

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
