import json
from dataclasses import asdict

import pytest

from candlecast.backup.manifest import read_manifest
from candlecast.errors import InvalidRequestError
from tests.unit.backup.test_archive import make_manifest

RIGHT = make_manifest({"database.dump": "ab" * 32})


def test_manifest_reads_back_as_it_was_written():
    assert read_manifest(RIGHT.encoded()) == RIGHT


@pytest.mark.parametrize(
    "changes", [{"artefacts": None}, {"files": ["database.dump"]}, {"files": {"a": 1}}, {"counts": 5}, {"made_at": 0}]
)
def test_manifest_with_values_of_other_types_is_none(changes):
    with pytest.raises(InvalidRequestError, match="is no backup of Candlecast"):
        read_manifest(json.dumps(asdict(RIGHT) | changes).encode())


def test_manifest_nested_without_end_is_none():
    with pytest.raises(InvalidRequestError, match="is no backup of Candlecast"):
        read_manifest(b"[" * 100_000)
