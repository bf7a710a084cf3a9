"""What may come of bad input: a right result, or the project's own error with one clear line."""

from collections.abc import Callable
from typing import TypeVar

from candlecast.errors import CandlecastError

LONGEST_LINE = 1_500
T = TypeVar("T")


def result_of(call: Callable[[], T], *, errors: type[CandlecastError] = CandlecastError) -> T | None:
    """Return what `call` returns, None where it refuses in one line; any other exception fails the test."""
    try:
        return call()
    except errors as error:
        assert_one_line(str(error))
        return None


def assert_one_line(text: str) -> None:
    """Hold a message to be one line for people."""
    assert text.strip(), "the message says nothing"
    assert len(text.splitlines()) == 1, f"more than one line: {text[:300]!r}"
    assert len(text) <= LONGEST_LINE, f"{len(text)} characters: {text[:300]!r}"
