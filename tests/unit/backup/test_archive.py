"""Is a backup that was cut off, changed or added to told from a whole one?"""

import gzip
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


def add(content: bytes, member: tarfile.TarInfo, data: bytes = b"") -> bytes:
    """Return an archive of the same manifest in which `member` is the only file."""
    stream = BytesIO()
    with tarfile.open(fileobj=BytesIO(content)) as old, tarfile.open(fileobj=stream, mode="w") as new:
        first = old.next()
        new.addfile(first, old.extractfile(first))
        new.addfile(member, BytesIO(data))
    return stream.getvalue()


def test_archive_with_a_member_that_is_mostly_holes_is_refused_unwritten(members, tmp_path):
    # a few bytes that say of themselves that they are 4 TB
    sparse = tarfile.TarInfo("database.dump")
    sparse.pax_headers = {
        "GNU.sparse.major": "0",
        "GNU.sparse.minor": "1",
        "GNU.sparse.map": "0,4",
        "GNU.sparse.size": str(2**42),
    }
    sparse.size = 4
    content = add(archive(members), sparse, b"rows")

    with pytest.raises(InvalidRequestError, match=r"database\.dump.*does not name as a file"):
        unpack(content, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_archive_with_a_member_that_is_no_file_is_refused(members, tmp_path, kind):
    link = tarfile.TarInfo("database.dump")
    link.type, link.linkname = kind, "/etc/passwd"

    with pytest.raises(InvalidRequestError, match="does not name as a file"):
        unpack(add(archive(members), link), tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_archive_that_is_packed_is_refused_unpacked(members, tmp_path):
    with pytest.raises(InvalidRequestError, match="no whole backup"):
        unpack(gzip.compress(archive(members)), tmp_path / "out")
