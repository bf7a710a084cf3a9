import json

import pytest

from candlecast.redaction import HIDDEN, Redactor, secrets_of
from candlecast.settings import Settings

CANARY = 'canary"\\s3cret'


@pytest.mark.parametrize("text", [CANARY, json.dumps(CANARY), repr(CANARY), f"a{CANARY}b"])
def test_known_secret_is_taken_out_however_it_is_written(text):
    redacted = Redactor([CANARY])(text)

    assert "s3cret" not in redacted
    assert HIDDEN in redacted


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://user:hunter22@db:5432/x",
        "GET /v1?api_key=hunter22",
        "GET /v1?key=hunter22&symbol=BTC",
        "Authorization: Bearer hunter22",
        '{"password": "hunter22"}',
        "token='hunter22'",
        "X-API-Key: hunter22",
    ],
)
def test_what_looks_like_a_secret_is_taken_out_unknown(text):
    assert "hunter22" not in Redactor([])(text)


@pytest.mark.parametrize("text", ["key 'ops' may send 6000 requests", "BTC/USDT 1h at http://127.0.0.1:8000/docs"])
def test_text_without_secrets_stays_as_it_is(text):
    assert Redactor(["abcdefgh"])(text) == text


def test_short_secret_is_left_alone_because_innocent_words_hold_it():
    assert Redactor(["a"])("a candle") == "a candle"


def test_secrets_of_settings_are_all_of_them_with_the_passwords_of_addresses():
    settings = Settings(
        redis={"url": "redis://:r%40dis-pass@h:1/0"},
        api={"admin_key": "admin-canary"},
        alerts={"channels": "ops=jsons://h/hook-canary me=tgram://bot-canary/1"},
        _env_file=None,
    )

    found = secrets_of(settings)

    assert {"r%40dis-pass", "r@dis-pass", "admin-canary", "jsons://h/hook-canary", "tgram://bot-canary/1"} <= found
