"""Are secrets found in the files that variables name, and does a password find its place in an address?"""

import pytest
from pydantic import SecretStr
from pydantic_settings import SettingsError

from candlecast.secret_files import with_password
from candlecast.settings import Settings


@pytest.fixture(autouse=True)
def _no_env_file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def test_secret_in_a_file_is_read_without_its_line_end(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from-file\n")
    monkeypatch.setenv("CANDLECAST_API__KEY_FILE", str(tmp_path / "key"))

    assert Settings().api.key.get_secret_value() == "from-file"


def test_secret_given_both_ways_is_the_variables_own(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from-file")
    monkeypatch.setenv("CANDLECAST_API__KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("CANDLECAST_API__KEY", "from-variable")

    assert Settings().api.key.get_secret_value() == "from-variable"


def test_secret_in_an_empty_file_is_unset(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("")
    monkeypatch.setenv("CANDLECAST_NEWS__NEWSAPI_KEY_FILE", str(tmp_path / "key"))

    assert Settings().news.newsapi_key.get_secret_value() == ""


def test_secret_file_that_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("CANDLECAST_API__KEY_FILE", str(tmp_path / "none"))

    with pytest.raises(SettingsError, match=r"CANDLECAST_API__KEY_FILE names .*none.*No such file"):
        Settings()


def test_setting_that_is_no_secret_is_never_read_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "host").write_text("10.0.0.1")
    monkeypatch.setenv("CANDLECAST_API__HOST_FILE", str(tmp_path / "host"))

    assert Settings().api.host == "127.0.0.1"


def test_passwords_of_stores_complete_their_addresses(monkeypatch, tmp_path):
    (tmp_path / "password").write_text("a/b@c")
    monkeypatch.setenv("CANDLECAST_REDIS__URL", "redis://redis:6379/0")
    monkeypatch.setenv("CANDLECAST_REDIS__PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("CANDLECAST_DATABASE__URL", "postgresql://app@postgres:5432/candlecast?sslmode=verify-full")
    monkeypatch.setenv("CANDLECAST_DATABASE__PASSWORD", "p")
    monkeypatch.setenv("CANDLECAST_DATABASE__OWNER_URL", "postgresql://owner:known@postgres/candlecast")
    monkeypatch.setenv("CANDLECAST_DATABASE__OWNER_PASSWORD", "other")

    settings = Settings()

    assert settings.redis.url.get_secret_value() == "redis://:a%2Fb%40c@redis:6379/0"
    assert settings.database.url.get_secret_value().startswith("postgresql://app:p@postgres:5432/candlecast?sslmode=")
    assert settings.database.owner_url.get_secret_value() == "postgresql://owner:known@postgres/candlecast"


@pytest.mark.parametrize(("url", "password"), [("", "p"), ("redis://redis:6379/0", "")])
def test_address_without_one_or_the_other_stays_as_it_is(url, password):
    assert with_password(SecretStr(url), SecretStr(password)).get_secret_value() == url
