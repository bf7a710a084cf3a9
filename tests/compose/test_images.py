"""What is in the two images, and how big are they above what they are built on?"""

import json
import subprocess
from typing import Any

import pytest

from tests.compose.figures import Figures
from tests.compose.stack import ComposeStack

# by the service that builds it
MOST_MB = {"certificates": 1_400, "ui": 350}
# code that comes with the image compiled counts apart: it is there so that nobody compiles at every start
_BYTECODE = "find / -xdev -name '*.pyc' -printf '%s\\n' | awk '{ n += $1 } END { printf \"%d\", n }'"
_COMPILERS = "command -v gcc cc g++ clang rustc cargo go make pip uv || true"


@pytest.fixture(scope="module")
def services(bare_stack: ComposeStack, images: None) -> dict[str, Any]:
    return bare_stack.configured()["services"]


def size_mb(image: str) -> float:
    [told] = json.loads(subprocess.check_output(["docker", "image", "inspect", image], text=True))
    return float(told["Size"]) / 1e6


def sh(image: str, script: str) -> str:
    command = ["docker", "run", "--rm", "--network=none", "--entrypoint=sh", image, "-c", script]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.mark.parametrize("service", MOST_MB)
def test_image_above_its_base_without_bytecode_is_small(services: dict[str, Any], figures: Figures, service: str):
    image, build = services[service]["image"], services[service]["build"]
    base = build["args"]["PYTHON_IMAGE"]

    bytecode_mb = (float(sh(image, _BYTECODE)) - float(sh(base, _BYTECODE))) / 1e6
    above_mb = size_mb(image) - size_mb(base) - bytecode_mb

    figures.bound(f"image {build['target']} above its base", above_mb, most=MOST_MB[service], unit="MB", slack=1)


@pytest.mark.parametrize("service", MOST_MB)
def test_image_holds_no_compiler_and_no_installer(services: dict[str, Any], service: str):
    base = services[service]["build"]["args"]["PYTHON_IMAGE"]

    found = set(sh(services[service]["image"], _COMPILERS).split()) - set(sh(base, _COMPILERS).split())

    assert found == set()


def test_images_are_told_apart_by_what_they_need(services: dict[str, Any]):
    assert "ray" in sh(services["certificates"]["image"], "python -c 'import ray; print(ray.__name__)'")
    assert "none" in sh(services["ui"]["image"], "python -c 'import ray' 2>/dev/null || echo none")
