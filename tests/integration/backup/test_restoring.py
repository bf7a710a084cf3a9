"""Does everything that counts come back, and is what was there never lost to a restore that fails?"""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import psycopg2
import pytest
from psycopg2.extensions import make_dsn

from candlecast.backup.archive import unpack_archive
from candlecast.backup.manifest import Manifest
from candlecast.backup.place import Place
from candlecast.backup.restoring import Restored, restore_backup
from candlecast.backup.taking import take_backup
from candlecast.errors import InvalidRequestError, ModelIntegrityError, StorageError
from candlecast.storage.postgres import dump
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.roles import APPEND_ONLY_TABLES, EDITABLE_TABLES
from tests.integration.conftest import Addresses, as_owner
from tests.record_world import SYMBOLS, make_world, record

TARGET = "restored"


@dataclass(frozen=True)
class Backups:
    """A world with a model, and an empty database of another name to restore it into."""

    source: Place
    target: Place
    folder: Path

    def take(self) -> bytes:
        """Return a backup of the world."""
        stream = BytesIO()
        take_backup(self.source, stream, scratch=self.folder)
        return stream.getvalue()

    def restore(self, content: bytes, *, force: bool = False) -> Restored:
        """Unpack a backup and restore it into the other database."""
        unpacked = self.folder / f"unpacked-{len(list(self.folder.iterdir()))}"
        unpacked.mkdir()
        return restore_backup(self.target, self.unpack(content, unpacked), unpacked, force=force)

    def unpack(self, content: bytes, folder: Path) -> Manifest:
        return unpack_archive(BytesIO(content), folder)


def write_artefact(folder: Path) -> str:
    """Write an artefact of one file, and return its digest."""
    folder.mkdir(parents=True)
    (folder / "model.ubj").write_bytes(b"trees")
    manifest = json.dumps({"format": 3, "files": {"model.ubj": sha256(b"trees").hexdigest()}}).encode()
    (folder / "model.json").write_bytes(manifest)
    return sha256(manifest).hexdigest()


def databases(postgres: Addresses) -> list[str]:
    """Return the names of the databases that a restore made or left."""
    return [name for (name,) in ask(postgres.owner_url, "SELECT datname FROM pg_database WHERE datname ~ %s", TARGET)]


def ask(url: str, query: str, *values: object) -> list[tuple]:
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found = cursor.fetchall()
    connection.close()
    return found


def contents(url: str) -> dict[str, str]:
    """Return a digest of all rows of every table."""
    query = "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t"
    return {name: ask(url, query.format(name))[0][0] for name in APPEND_ONLY_TABLES + EDITABLE_TABLES}


@pytest.fixture
def backups(database: Database, postgres: Addresses, tmp_path: Path) -> Iterator[Backups]:
    digest = write_artefact(tmp_path / "models" / "m1")
    world = make_world(database, n=60)
    with database.transaction() as cursor:
        cursor.execute("UPDATE model_metadata SET artefact_path = 'm1', sha256 = %s WHERE id = 'm1'", (digest,))
        cursor.execute("UPDATE model_metadata SET artefact_path = '' WHERE id = 'm2'")
    record(world, [world.entry(name, place) for name in SYMBOLS for place in range(40, 50)])
    world.settler(world.close(SYMBOLS[0], 45)[0]).round()
    as_owner(postgres, f"CREATE DATABASE {TARGET}")
    source = Place(postgres.owner_url, postgres.app_url, tmp_path / "models", "recorded-1", tmp_path / "replay.json")
    (tmp_path / "replay.json").write_text('{"market_time": "2024-01-31T00:00:00+00:00"}')
    yield Backups(
        source=source,
        target=replace(
            source,
            owner_url=make_dsn(postgres.owner_url, dbname=TARGET),
            models=tmp_path / "restored-models",
            replay_state=tmp_path / "restored-replay.json",
        ),
        folder=tmp_path,
    )
    as_owner(postgres, *(f"DROP DATABASE {name}" for name in databases(postgres)))


def test_backup_taken_while_rows_go_gives_every_row_model_and_right_of_its_moment_back(
    backups: Backups, postgres: Addresses, monkeypatch: pytest.MonkeyPatch
):
    before = contents(backups.source.owner_url)
    run_client = dump.run_client

    def late(*arguments: object) -> None:
        as_owner(postgres, "DELETE FROM outcomes_table", "DELETE FROM candle_gaps")
        run_client(*arguments)

    monkeypatch.setattr(dump, "run_client", late)

    found = backups.restore(backups.take())

    assert contents(backups.target.owner_url) == before
    assert (found.record.n_series, found.record.n_forecasts, found.record.n_outcomes) == (2, 20, 10)
    assert (found.record.broken, found.former) == ((), None)
    assert (backups.target.models / "m1" / "model.ubj").read_bytes() == b"trees"
    assert "2024-01-31" in (backups.folder / "restored-replay.json").read_text()
    rights = "SELECT has_table_privilege('candlecast_app', 'predictions_table', %s)"
    granted = [ask(backups.target.owner_url, rights, right)[0][0] for right in ("INSERT", "UPDATE")]
    assert granted == [True, False]


def test_restore_over_something_is_refused_and_forced_keeps_it_under_another_name(
    backups: Backups, postgres: Addresses
):
    content = backups.take()
    backups.restore(content)
    as_owner_of_target = replace(postgres, owner_url=backups.target.owner_url)
    as_owner(as_owner_of_target, "DELETE FROM candle_gaps")
    before = contents(backups.target.owner_url)

    with pytest.raises(InvalidRequestError, match="20 rows in predictions_table"):
        backups.restore(content)
    found = backups.restore(content, force=True)

    assert found.former is not None
    assert sorted(databases(postgres)) == [TARGET, found.former]
    assert contents(make_dsn(postgres.owner_url, dbname=found.former)) == before


def test_restore_while_somebody_is_connected_is_refused_before_anything_is_loaded(backups: Backups):
    content = backups.take()

    with closing(psycopg2.connect(backups.target.owner_url)), pytest.raises(StorageError, match="in use by 1 conn"):
        backups.restore(content)


def test_record_that_is_not_whole_is_refused_unless_forced(backups: Backups, postgres: Addresses):
    as_owner(postgres, "UPDATE predictions_table SET p_up = 0.99 WHERE id = (SELECT min(id) FROM predictions_table)")
    content = backups.take()

    with pytest.raises(InvalidRequestError, match="does not match its own hash"):
        backups.restore(content)

    assert databases(postgres) == [TARGET]
    assert len(backups.restore(content, force=True).record.broken) == 1


def test_backup_of_a_model_whose_file_was_changed_is_not_taken(backups: Backups):
    (backups.source.models / "m1" / "model.ubj").write_bytes(b"other")

    with pytest.raises(ModelIntegrityError, match="m1 cannot be backed up"):
        backups.take()


def test_backup_of_a_newer_schema_is_refused_and_leaves_the_database_alone(backups: Backups, postgres: Addresses):
    [(step,)] = ask(postgres.owner_url, "SELECT version_num FROM alembic_version")
    as_owner(postgres, "UPDATE alembic_version SET version_num = '9999'")
    try:
        content = backups.take()
    finally:
        as_owner(postgres, f"UPDATE alembic_version SET version_num = '{step}'")

    with pytest.raises(StorageError, match="9999"):
        backups.restore(content)

    assert databases(postgres) == [TARGET]
