"""Are the secret files of containers made once, readable in there and for nobody else here?"""

import stat

from typer.testing import CliRunner

from candlecast.key_files import GIVEN, MADE, write_secrets
from jobs.cli import app


def modes(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_written_each_to_a_file_in_a_folder_that_is_closed(tmp_path):
    folder = tmp_path / "secrets"

    written = write_secrets(folder, env_file=tmp_path / ".env")

    contents = [(folder / name).read_text() for name in MADE]
    assert written.secrets == MADE
    assert all(len(content) == 64 for content in contents)
    assert len(set(contents)) == len(MADE)
    assert modes(folder) == 0o700
    assert {modes(folder / name) for name in (*MADE, *GIVEN)} == {0o644}
    assert all((folder / name).read_text() == "" for name in GIVEN)


def test_secrets_that_are_there_stay(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "api_key").write_text("mine")
    write_secrets(tmp_path / "secrets", env_file=tmp_path / ".env")
    token = (tmp_path / "secrets" / "ray_token").read_text()

    again = write_secrets(tmp_path / "secrets", env_file=tmp_path / ".env")

    assert again.secrets == ()
    assert (tmp_path / "secrets" / "api_key").read_text() == "mine"
    assert (tmp_path / "secrets" / "ray_token").read_text() == token


def test_env_file_gets_what_it_lacks_and_no_secret(tmp_path):
    env_file = tmp_path / ".env"
    env_file.write_text("SOURCE=live")

    write_secrets(tmp_path / "secrets", env_file=env_file)

    lines = env_file.read_text().splitlines()
    assert lines == ["SOURCE=live", "SECRETS_FOLDER=./secrets", "COMPOSE_PROFILES=recorded"]


def test_keys_init_needs_no_database_and_shows_no_secret(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    answer = CliRunner().invoke(app, ["keys", "init"])

    assert answer.exit_code == 0, answer.output
    assert "7 secrets written to secrets" in answer.output
    assert (tmp_path / "secrets" / "ray_token").read_text() not in answer.output
