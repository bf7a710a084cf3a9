"""Can a stack that does not run be backed up, and brought back on a machine that has none?"""

import json
from io import BytesIO
from pathlib import Path

import psycopg2
import pytest

from candlecast.backup.archive import unpack_archive
from candlecast.backup.restoring import restore_backup
from candlecast.backup.taking import take_backup
from candlecast.errors import InvalidRequestError, StackError
from candlecast.settings import Settings
from candlecast.storage.postgres.migrate import upgrade
from cluster.backup import place_to_read, place_to_write
from cluster.stack_files import held_lock

WORLD = "recorded-12345678"


def settings_of(folder: Path) -> Settings:
    return Settings(stack={"folder": folder}, models={"folder": folder / "models"}, _env_file=None)


def test_stack_is_found_while_it_runs_and_backed_up_comes_back_elsewhere_without_its_cache(tmp_path: Path):
    settings, elsewhere = settings_of(tmp_path / "here"), settings_of(tmp_path / "there")
    with place_to_write(settings, world=WORLD) as place:
        upgrade(place.owner_url, app_user="candlecast_app", app_password="secret")
        with psycopg2.connect(place.owner_url) as connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO symbols (symbol, venue, asset_class, calendar) VALUES ('X/Y', 'v', 'crypto', '24/7')"
            )
        connection.close()
        # as a running stack tells where it is
        published = {"CANDLECAST_DATABASE__URL": place.app_url, "CANDLECAST_MODELS__FOLDER": str(place.models)}
        (tmp_path / "here" / "environment.json").write_text(json.dumps(published))
        with place_to_read(settings, world="") as running:
            assert running == place
    stream = BytesIO()
    with place_to_read(settings, world="") as place:
        assert take_backup(place, stream, scratch=tmp_path).world == WORLD
    stale = tmp_path / "there" / WORLD / "redis" / "appendonlydir"
    stale.mkdir(parents=True)
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    stream.seek(0)

    manifest = unpack_archive(stream, unpacked)
    with place_to_write(elsewhere, world=manifest.world) as place:
        restore_backup(place, manifest, unpacked, force=False)
        with psycopg2.connect(place.app_url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT symbol FROM symbols")
            assert cursor.fetchall() == [("X/Y",)]
        connection.close()

    assert not stale.exists()


def test_stack_that_runs_is_not_restored_into(tmp_path: Path):
    with (
        held_lock(tmp_path.resolve()),
        pytest.raises(StackError, match="already runs"),
        place_to_write(settings_of(tmp_path), world=WORLD),
    ):
        pass


def test_stack_with_several_data_sets_asks_which(tmp_path: Path):
    for world in ("live", WORLD):
        (tmp_path / world / "postgres").mkdir(parents=True)

    with (
        pytest.raises(InvalidRequestError, match=f"holds live, {WORLD}"),
        place_to_read(settings_of(tmp_path), world=""),
    ):
        pass


def test_backup_of_recorded_candles_is_not_restored_into_a_live_stack(tmp_path: Path):
    settings = Settings(database={"owner_url": "postgresql://o@h/d"}, market={"source": "live"}, _env_file=None)

    with pytest.raises(InvalidRequestError, match="this stack is for live"), place_to_write(settings, world=WORLD):
        pass
