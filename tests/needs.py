"""What may a machine lack? A test that needs it is skipped there, and fails where nothing may be missing."""

import os
from typing import NoReturn

import pytest

REQUIRED = "REQUIRE_TOOLS"


def cannot_test(why: str) -> NoReturn:
    """Skip a test for want of a tool, or fail it with ``REQUIRE_TOOLS=1``, as `.ci/run` sets it."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{why}; {REQUIRED}=1 forbids to go on without")
    pytest.skip(why)
