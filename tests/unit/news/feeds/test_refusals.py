import pytest

from candlecast.clock import wall_s
from candlecast.errors import (
    SourceBlockedError,
    SourceNotConfiguredError,
    SourceRateLimitedError,
    SourceUnavailableError,
)
from candlecast.news.feeds.refusals import Page, page_problem, retry_after_s


def problem(status, body=b"{}", *, retry_after="", key_setting="KEY"):
    return page_problem(Page(status, body, retry_after), name="feed", key_setting=key_setting)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, SourceNotConfiguredError),
        (403, SourceBlockedError),
        (451, SourceBlockedError),
        (429, SourceRateLimitedError),
        (404, SourceUnavailableError),
        (500, SourceUnavailableError),
        (204, SourceUnavailableError),
    ],
)
def test_status_becomes_the_error_with_the_fitting_reaction(status, kind):
    assert type(problem(status)) is kind


def test_page_that_may_hold_news_is_no_problem():
    assert problem(200, b'{"articles": []}') is None
    assert problem(200, b"") is None


def test_refused_key_names_the_setting():
    text = str(problem(401, b'{"message": "Your key is\\u0000 no key"}'))

    assert text == "feed refuses the key (HTTP 401: Your key is no key); check KEY"


def test_refusal_of_a_feed_without_key_is_a_block():
    assert type(problem(401, key_setting="")) is SourceBlockedError


@pytest.mark.parametrize("body", [b"<!DOCTYPE HTML><p>", b"\xef\xbb\xbf\n <html lang='en'>", b"<HTML>"])
def test_page_of_html_is_no_news(body):
    assert "a page of HTML" in str(problem(200, body))


def test_what_a_feed_says_is_cut_and_on_one_line():
    text = str(problem(500, b'{"info": "' + b"a\\n " * 500 + b'"}'))

    assert "\n" not in text
    assert len(text) < 250


@pytest.mark.parametrize(
    ("header", "expected_s"),
    [
        ("17", 17),
        ("", 300),
        ("soon", 300),
        ("-5", 300),
        ("999999999", 86_400),
        ("9" * 40, 300),
        ("Mon, 04 Jan 2021 10:00:00 GMT", 0),
        ("Mon, 04 Jan 9999 10:00:00 GMT", 86_400),
        ("Mon, 04 Jan 99999 10:00:00 GMT", 300),
    ],
)
def test_retry_after_is_read_or_replaced(header, expected_s):
    assert retry_after_s(header) == expected_s


def test_retry_after_of_a_date_counts_from_now(monkeypatch):
    monkeypatch.setattr("candlecast.news.feeds.refusals.wall_s", lambda: 1_609_754_400.0)

    assert wall_s() > 1_609_754_400
    assert retry_after_s("Mon, 04 Jan 2021 10:02:05 GMT") == 125
