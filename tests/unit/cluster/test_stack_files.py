"""Are secrets private, worlds apart and locks held by one?"""

import json
import stat
import subprocess
import sys

import pytest

from candlecast.errors import StackError
from candlecast.settings import Settings
from cluster.stack_files import fresh_runtime_folder, held_lock, running_environment, secret, stack_files


def settings_in(folder, **replay) -> Settings:
    return Settings(stack={"folder": folder}, replay=replay, _env_file=None)


def test_stack_files_of_live_and_recordings_keep_worlds_apart(tmp_path):
    live = stack_files(settings_in(tmp_path), live=True)
    stocks = stack_files(settings_in(tmp_path), live=False)
    pairs = stack_files(settings_in(tmp_path, data=tmp_path / "pairs"), live=False)

    assert len({live.data, stocks.data, pairs.data}) == 3
    assert live.root == stocks.root == pairs.root == tmp_path


def test_secret_asked_twice_is_the_same_and_private(tmp_path):
    files = stack_files(settings_in(tmp_path), live=True)

    first = secret(files, "postgres-password")

    assert first == secret(files, "postgres-password")
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "postgres-password").stat().st_mode) == 0o600


def test_held_lock_of_a_running_stack_refuses_a_second_one(tmp_path):
    with held_lock(tmp_path):
        code = (
            "from pathlib import Path; from cluster.stack_files import held_lock\n"
            f"with held_lock(Path({str(tmp_path)!r})): pass"
        )
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert second.returncode != 0
    assert "a stack already runs in" in second.stderr


def test_held_lock_after_its_owner_died_is_free_again(tmp_path):
    code = (
        "import os; from pathlib import Path; from cluster.stack_files import held_lock\n"
        f"with held_lock(Path({str(tmp_path)!r})): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True)

    with held_lock(tmp_path):
        assert (tmp_path / "lock").exists()


def test_fresh_runtime_folder_is_empty_short_and_private(tmp_path):
    files = stack_files(settings_in(tmp_path), live=True)
    (fresh_runtime_folder(files) / "left").touch()

    folder = fresh_runtime_folder(files)

    assert list(folder.iterdir()) == []
    assert len(str(folder)) <= 24
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.rmdir()


def test_running_environment_without_a_stack_says_how_to_start_one(tmp_path):
    with pytest.raises(StackError, match="candlecast run"):
        running_environment(tmp_path)


def test_running_environment_of_a_stack_returns_its_variables(tmp_path):
    (tmp_path / "environment.json").write_text(json.dumps({"RAY_AUTH_MODE": "token"}))

    assert running_environment(tmp_path) == {"RAY_AUTH_MODE": "token"}
