"""Are secret files told of that are missing, open to others, empty, old or run out?"""

import os
from datetime import UTC, datetime, timedelta

import pytest

from candlecast.clock import wall_s
from candlecast.doctor.secrets import CERTIFICATE, SecretPlaces, look_at_secrets
from candlecast.key_files import write_secrets
from cluster.certificates import VALID_DAYS, Authority

DAY_S = 86_400


def look(tmp_path, **places):
    known = {"named": {}, "stack": [], "containers": tmp_path / "secrets"}
    return look_at_secrets(SecretPlaces(**known | places), most_days=365)


@pytest.fixture
def made(tmp_path):
    folder = tmp_path / "secrets"
    write_secrets(folder, env_file=tmp_path / ".env")
    return folder


def test_secrets_as_they_are_made_are_well(tmp_path, made):
    found = look(tmp_path)

    assert (found.verdict, found.detail) == ("ok", "7 files are there, kept from others, younger than 365 days")


def test_without_any_secret_there_is_nothing_to_look_at(tmp_path):
    assert look(tmp_path).verdict == "skipped"


def test_file_that_a_variable_names_and_is_not_there_is_broken(tmp_path):
    found = look(tmp_path, named={"CANDLECAST_REDIS__PASSWORD_FILE": tmp_path / "gone"})

    assert found.verdict == "broken"
    assert found.detail == f"CANDLECAST_REDIS__PASSWORD_FILE names {tmp_path / 'gone'}, which is not there"
    assert "candlecast keys init" in found.mend


def test_secret_that_is_missing_or_empty_is_told(tmp_path, made):
    (made / "ray_token").unlink()
    (made / "api_key").write_text("")

    found = look(tmp_path)

    assert found.verdict == "broken"
    assert f"{made / 'ray_token'}, which is not there" in found.detail
    assert f"{made / 'api_key'}, which is empty" in found.detail


def test_file_of_a_secret_that_nobody_has_to_have_may_be_empty(tmp_path, made):
    found = look(tmp_path, named={"CANDLECAST_NEWS__NEWSAPI_KEY_FILE": made / "newsapi_key"})

    assert found.verdict == "ok"


def test_folder_and_files_that_are_open_to_others_are_broken(tmp_path, made):
    made.chmod(0o755)
    token = tmp_path / "ray-token"
    token.write_text("t")
    token.chmod(0o640)

    found = look(tmp_path, stack=[token, tmp_path / "not-made-yet"])

    assert found.verdict == "broken"
    assert f"chmod 700 {made}" in found.mend
    assert f"chmod 600 {token}" in found.mend
    assert "t" not in found.detail.split()


def test_old_secret_is_a_warning(tmp_path, made):
    long_ago = wall_s() - 400 * DAY_S
    os.utime(made / "api_key", (long_ago, long_ago))

    found = look(tmp_path)

    assert (found.verdict, found.detail) == ("warning", f"{made / 'api_key'} is 400 days old, 365 are enough")


@pytest.mark.parametrize(("days_left", "verdict"), [(-1, "broken"), (10, "warning"), (100, "ok")])
def test_certificate_is_told_of_before_it_runs_out(tmp_path, made, days_left, verdict):
    begun = datetime.fromtimestamp(wall_s(), UTC) - timedelta(days=VALID_DAYS - days_left)
    signed = Authority(begun).sign(["localhost"])
    (made / CERTIFICATE).write_bytes(signed.certificate + signed.key)

    assert look(tmp_path).verdict == verdict


def test_certificate_that_is_none_is_broken(tmp_path, made):
    (made / CERTIFICATE).write_text("not a certificate")

    assert "holds no certificate" in look(tmp_path).detail
