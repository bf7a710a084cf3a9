"""Is a backup's file whole or not there, and for its owner's eyes alone?"""

import pytest

from candlecast.backup.taking import new_file
from candlecast.errors import InvalidRequestError


def test_file_gets_its_name_when_it_is_whole_and_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "backups" / "monday.tar"

    with new_file(path) as stream:
        stream.write(b"rows")
        assert not path.exists()

    assert path.read_bytes() == b"rows"
    assert path.stat().st_mode & 0o777 == 0o600


def test_file_whose_writing_failed_is_not_there(tmp_path):
    def fail() -> None:
        with new_file(tmp_path / "monday.tar") as stream:
            stream.write(b"half")
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        fail()

    assert list(tmp_path.iterdir()) == []


def test_file_that_is_there_is_not_written_over(tmp_path):
    path = tmp_path / "monday.tar"
    path.write_bytes(b"the one before")

    with pytest.raises(InvalidRequestError, match="is there already"), new_file(path):
        pass

    assert path.read_bytes() == b"the one before"
