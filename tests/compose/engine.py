"""Can Compose be tested on this machine? Loudly skipped where not, and failed with REQUIRE_DOCKER=1."""

import os
import shutil
import subprocess
from typing import NoReturn

import pytest

from tests.compose.stack import ComposeStack

PULL_LIMIT_S = 300
REQUIRED = "REQUIRE_DOCKER"


def cannot_test(why: str) -> NoReturn:
    """Skip what needs Docker, or fail it where it is required."""
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{why}; {REQUIRED}=1 forbids to go on without")
    pytest.skip(f"COMPOSE IS NOT TESTED: {why}")


def require_command() -> None:
    """Ask for the docker command with its Compose plugin."""
    if shutil.which("docker") is None:
        cannot_test("no docker command here; install Docker Engine with its Compose plugin")


def require_engine() -> None:
    """Ask for an engine that answers."""
    info = subprocess.run(["docker", "info"], capture_output=True, text=True)
    if info.returncode != 0:
        reason = " ".join(info.stderr.split())[-200:]
        cannot_test(f"no Docker engine answers ({reason}); start one and run `make test-compose`")


def require_images(stack: ComposeStack) -> None:
    """Pull the images that ours are built from and the stores that we take as they are."""
    services = stack.configured()["services"].values()
    bases = {service["build"]["args"]["PYTHON_IMAGE"] for service in services if "build" in service}
    taken = {service["image"] for service in services if service["image"].split(":")[0] in ("postgres", "redis")}
    for image in sorted(bases | taken):
        _require_image(image)


def _require_image(image: str) -> None:
    if subprocess.run(["docker", "image", "inspect", image], capture_output=True).returncode == 0:
        return
    pulled = subprocess.run(["docker", "pull", image], capture_output=True, text=True, timeout=PULL_LIMIT_S)
    if pulled.returncode != 0:
        reason = " ".join(pulled.stderr.split())[-200:]
        cannot_test(f"image {image} is not here and cannot be pulled ({reason})")
