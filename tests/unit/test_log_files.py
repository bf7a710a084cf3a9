import multiprocessing
from pathlib import Path

import pytest

from candlecast.errors import StackError
from candlecast.log_files import Console, SharedFile

LINE = b"x" * 99 + b"\n"


def shared(folder: Path, *, max_bytes: int = 10_000, n_kept: int = 2) -> SharedFile:
    return SharedFile(folder / "api.log", max_bytes=max_bytes, n_kept=n_kept)


def write_lines(folder: Path, mark: bytes) -> None:
    file = shared(folder, max_bytes=2_000, n_kept=100)
    for _ in range(100):
        file.write(mark * 99 + b"\n")


def test_full_file_is_put_aside_and_only_the_newest_are_kept(tmp_path):
    file = shared(tmp_path, max_bytes=200)

    for number in range(9):
        file.write(b"%d" % number * 99 + b"\n")

    kept = {path.name: path.read_bytes()[:1] for path in tmp_path.glob("api.log*")}
    assert kept == {"api.log": b"8", "api.log.1": b"6", "api.log.2": b"4"}


def test_lines_of_two_processes_are_whole_and_none_is_lost(tmp_path):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write_lines, args=(tmp_path, mark)) for mark in (b"a", b"b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    lines = b"".join(path.read_bytes() for path in tmp_path.glob("api.log*")).splitlines()
    assert sorted(lines) == [b"a" * 99] * 100 + [b"b" * 99] * 100


def test_file_that_somebody_removed_is_begun_anew(tmp_path):
    file = shared(tmp_path)
    file.write(LINE)
    (tmp_path / "api.log").unlink()

    file.write(LINE)

    assert (tmp_path / "api.log").read_bytes() == LINE


def test_file_is_for_its_owner_and_group_only(tmp_path):
    shared(tmp_path)

    assert (tmp_path / "api.log").stat().st_mode & 0o007 == 0


def test_console_takes_lines_and_one_that_is_not_there_names_the_setting(tmp_path):
    console = tmp_path / "console"
    console.touch()

    Console(console).write(LINE)

    assert console.read_bytes() == LINE
    with pytest.raises(StackError, match="CANDLECAST_LOGS__CONSOLE"):
        Console(tmp_path / "none")
