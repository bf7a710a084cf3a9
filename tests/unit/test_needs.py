import pytest

from tests.needs import REQUIRED, cannot_test


def test_test_that_lacks_its_tool_is_skipped_with_the_reason(monkeypatch):
    monkeypatch.delenv(REQUIRED, raising=False)

    with pytest.raises(pytest.skip.Exception, match="no such tool"):
        cannot_test("no such tool")


def test_test_that_lacks_its_tool_fails_where_nothing_may_be_missing(monkeypatch):
    monkeypatch.setenv(REQUIRED, "1")

    with pytest.raises(pytest.fail.Exception, match="no such tool; REQUIRE_TOOLS=1"):
        cannot_test("no such tool")
