"""Is a file from elsewhere read to its end, and one without end given up?"""

import gzip
import tracemalloc
from collections import deque
from functools import partial

import pytest

from candlecast import unpacking
from candlecast.errors import InvalidRequestError
from candlecast.unpacking import MOST_BYTES, open_bounded


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_file_is_read_whole_packed_or_not(tmp_path, name):
    content = b"time,price\n" * 100_000
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)

    with open_bounded(tmp_path / name) as file:
        assert file.read() == content


def test_file_that_unpacks_too_far_is_given_up_in_little_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_BYTES", 2**26)
    path = tmp_path / "bomb.gz"
    # as many members as it takes, each of 4 MB in 4 kB
    path.write_bytes(gzip.compress(bytes(2**22)) * (2**26 // 2**22 + 1))
    tracemalloc.start()

    with (
        open_bounded(path) as file,
        pytest.raises(InvalidRequestError, match=r"bomb\.gz holds more than 67 MB or 20,000,000 rows"),
    ):
        deque(iter(partial(file.read, 2**20), b""), maxlen=0)

    most_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most_bytes < 20_000_000 < 2**26 < MOST_BYTES


def test_what_is_no_file_is_refused_before_it_is_opened(tmp_path):
    with pytest.raises(InvalidRequestError, match="is no file"):
        open_bounded(tmp_path)
