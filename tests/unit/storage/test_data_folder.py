import os
import subprocess

import pytest

from candlecast.errors import StackError
from candlecast.storage.data_folder import create_data_folder, repair_pid_file


def test_repair_without_a_pid_file_does_nothing(tmp_path):
    repair_pid_file(tmp_path)

    assert list(tmp_path.iterdir()) == []


def _dead_pid() -> int:
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


# what is in it is asked for in the test: tests have the same names in every process that collects them
@pytest.mark.parametrize("content", ["", "\n", "no number\n", os.getpid, _dead_pid])
def test_repair_deletes_what_no_server_of_the_folder_wrote(tmp_path, content):
    file = tmp_path / "postmaster.pid"
    file.write_text(content if isinstance(content, str) else f"{content()}\n")

    repair_pid_file(tmp_path)

    assert not file.exists()


def test_create_leaves_a_made_folder_alone(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("18")

    create_data_folder(data, binaries=tmp_path / "nowhere", owner="candlecast", password="pw")

    assert [file.name for file in data.iterdir()] == ["PG_VERSION"]


def test_create_without_initdb_names_the_missing_program(tmp_path):
    with pytest.raises(StackError, match="initdb could not be started: no such program"):
        create_data_folder(tmp_path / "data", binaries=tmp_path, owner="candlecast", password="pw")

    assert list(tmp_path.iterdir()) == []
