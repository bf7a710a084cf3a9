"""Are keys found under the names that their vendors gave them, and does our own name win?"""

import pytest

from candlecast.settings import Settings


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


def test_settings_shown_never_hold_a_key(monkeypatch):
    monkeypatch.setenv("NEWSAPI_KEY", "theirs")

    assert "theirs" not in repr(Settings())
