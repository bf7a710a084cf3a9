from datetime import UTC, datetime

import pytest

from candlecast.news.feeds.fields import moment_in, text_in


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2021-01-04T10:00:00Z", 10),
        ("2021-01-04T10:00:00+0000", 10),
        ("2021-01-04T10:00:00-05:00", 15),
        ("2021-01-04T10:00:00", 10),
    ],
)
def test_moment_is_in_utc(text, hour):
    assert moment_in(text) == datetime(2021, 1, 4, hour, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "n/a", "yesterday", "2021-13-04T10:00:00Z", "9999-12-31T23:59:59-23:00"])
def test_moment_that_is_none_is_none(text):
    assert moment_in(text) is None


def test_text_of_another_type_is_empty():
    content = {"a": {"b": "c"}, "n": 7, "l": ["x"]}

    assert text_in(content, "a", "b") == "c"
    assert [text_in(content, *path) for path in (("n",), ("l",), ("a",), ("a", "b", "c"), ("x", "y"))] == [""] * 5
    assert text_in(["a"], "a") == ""
