"""Can Compose be tested on this machine? Loudly skipped where not, and failed with REQUIRE_DOCKER=1."""

import os
from typing import NoReturn

import pytest

from tests.compose.provision import missing_command, missing_engine, missing_images
from tests.compose.stack import ComposeStack

REQUIRED = "REQUIRE_DOCKER"


def cannot_test(why: str) -> NoReturn:
    """Skip what needs Docker, or fail it where it is required."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{why}; {REQUIRED}=1 forbids to go on without")
    pytest.skip(f"COMPOSE IS NOT TESTED: {why}")


def require_command() -> None:
    """Ask for the docker command with its Compose plugin."""
    if why := missing_command():
        cannot_test(why)


def require_engine() -> None:
    """Ask for an engine that answers."""
    if why := missing_engine():
        cannot_test(f"{why} and run `make test-compose`")


def require_images(stack: ComposeStack) -> None:
    """Ask for the images that ours are built from and the stores that we take as they are."""
    if why := missing_images(stack):
        cannot_test(why)
