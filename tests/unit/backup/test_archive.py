"""Is a backup that was cut off, changed or added to told from a whole one?"""

import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from candlecast.backup.archive import digest_of, unpack_archive, write_archive
from candlecast.backup.manifest import Manifest
from candlecast.errors import InvalidRequestError


def make_manifest(files: dict[str, str], **changes: object) -> Manifest:
    values: dict[str, object] = {
        "made_at": "2024-01-31T00:00:00+00:00",
        "schema": "0014",
        "world": "live",
        "counts": {},
        "artefacts": {},
        "files": files,
    }
    return Manifest(**(values | changes))


@pytest.fixture
def members(tmp_path: Path) -> dict[str, Path]:
    """Return two files, as members of an archive."""
    contents = {"database.dump": b"rows" * 2_000, "models/m1/model.ubj": b"trees"}
    paths = {name: tmp_path / name.replace("/", "-") for name in contents}
    for name, path in paths.items():
        path.write_bytes(contents[name])
    return paths


def archive(members: dict[str, Path], **changes: object) -> bytes:
    stream = BytesIO()
    digests = {name: digest_of(path) for name, path in members.items()}
    write_archive(stream, make_manifest(digests, **changes), members)
    return stream.getvalue()


def unpack(content: bytes, folder: Path) -> Manifest:
    folder.mkdir()
    return unpack_archive(BytesIO(content), folder)


def test_archive_unpacked_gives_manifest_and_files_back(members, tmp_path):
    found = unpack(archive(members), tmp_path / "out")

    assert found.schema == "0014"
    assert (tmp_path / "out" / "models" / "m1" / "model.ubj").read_bytes() == b"trees"
    assert (tmp_path / "out" / "database.dump").read_bytes() == b"rows" * 2_000


def test_file_that_is_no_archive_is_refused(tmp_path):
    with pytest.raises(InvalidRequestError, match="no whole backup"):
        unpack(b"something else" * 100, tmp_path / "out")


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_archive_that_was_cut_off_is_refused(members, tmp_path, kept):
    content = archive(members)
    used = content.rstrip(b"\0")

    with pytest.raises(InvalidRequestError):
        unpack(content[: int(len(used) * kept)], tmp_path / "out")


def test_archive_with_a_changed_byte_is_refused(members, tmp_path):
    content = archive(members).replace(b"trees", b"treez")

    with pytest.raises(InvalidRequestError, match="SHA-256 differs"):
        unpack(content, tmp_path / "out")


def test_archive_with_a_member_that_its_manifest_does_not_name_is_refused(members, tmp_path):
    stream = BytesIO()
    digests = {name: digest_of(path) for name, path in members.items()}
    del digests["models/m1/model.ubj"]
    write_archive(stream, make_manifest(digests), members)

    with pytest.raises(InvalidRequestError, match="does not name"):
        unpack(stream.getvalue(), tmp_path / "out")


@pytest.mark.parametrize("name", ["../outside", "/etc/outside"])
def test_archive_that_names_a_file_outside_of_it_is_refused(members, tmp_path, name):
    stream = BytesIO()
    path = members["database.dump"]
    write_archive(stream, make_manifest({name: digest_of(path)}), {name: path})

    with pytest.raises(InvalidRequestError, match="lies outside"):
        unpack(stream.getvalue(), tmp_path / "out")


def test_archive_of_another_format_is_refused(members, tmp_path):
    with pytest.raises(InvalidRequestError, match="format 2, this version reads 1"):
        unpack(archive(members, format=2), tmp_path / "out")


def test_tar_without_a_manifest_is_refused(tmp_path):
    stream = BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as other:
        other.addfile(tarfile.TarInfo("readme"), BytesIO())

    with pytest.raises(InvalidRequestError, match="does not begin with"):
        unpack(stream.getvalue(), tmp_path / "out")
