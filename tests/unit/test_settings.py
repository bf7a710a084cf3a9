"""Are keys found under the names that their vendors gave them, and does our own name win?"""

import pytest
from pydantic import ValidationError

from candlecast.settings import ApiSettings, Settings


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch, tmp_path):
    for name in ("NEWSAPI_KEY", "CRYPTOPANIC_TOKEN", "CANDLECAST_NEWS__NEWSAPI_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_newsapi_key_under_its_vendors_name_is_read(monkeypatch):
    monkeypatch.setenv("NEWSAPI_KEY", "theirs")

    news = Settings().news

    assert news.newsapi_key.get_secret_value() == "theirs"
    assert news.cryptopanic_token.get_secret_value() == ""


def test_cryptopanic_token_in_the_env_file_is_read(tmp_path):
    (tmp_path / ".env").write_text("CRYPTOPANIC_TOKEN=filed\n")

    assert Settings().news.cryptopanic_token.get_secret_value() == "filed"


def test_newsapi_key_under_both_names_is_ours(monkeypatch):
    monkeypatch.setenv("NEWSAPI_KEY", "theirs")
    monkeypatch.setenv("CANDLECAST_NEWS__NEWSAPI_KEY", "ours")

    assert Settings().news.newsapi_key.get_secret_value() == "ours"


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "::"])
def test_api_without_keys_is_for_this_machine_alone(host):
    with pytest.raises(ValidationError, match="only with host 127"):
        ApiSettings(host=host, require_key=False)

    assert ApiSettings(host=host).keys_required


def test_api_without_keys_on_this_machine_is_accepted():
    assert not ApiSettings(require_key=False).keys_required


def test_api_key_that_is_empty_text_is_as_if_unset(monkeypatch):
    monkeypatch.setenv("CANDLECAST_API__REQUIRE_KEY", "")

    assert Settings().api.require_key is None


def test_settings_shown_never_hold_a_key(monkeypatch):
    monkeypatch.setenv("NEWSAPI_KEY", "theirs")

    assert "theirs" not in repr(Settings())
