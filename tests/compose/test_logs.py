"""What do the logs tell after everything that was done to the stack? Errors, but no secret."""

import json

import pytest

from tests.compose.conftest import CANARIES
from tests.compose.stack import ComposeStack

NODES = ("ray-head", "ray-serve", "ray-train")
_FOLDERS = "/tmp/ray/session_latest/logs /app/logs"


@pytest.fixture
def secrets(stack: ComposeStack) -> dict[str, str]:
    known = {name: value for name, value in stack.secrets().items() if value}
    assert CANARIES.items() <= known.items()
    return known


def test_console_of_no_container_holds_a_secret(stack: ComposeStack, secrets: dict[str, str]):
    told = stack.log_of()

    assert len(told) > 1_000
    assert [name for name, value in secrets.items() if value in told] == []


@pytest.mark.parametrize("service", NODES)
def test_no_file_of_logs_holds_a_secret(stack: ComposeStack, secrets: dict[str, str], service: str):
    looked_at = stack.run_in(service, "sh", "-c", f"find {_FOLDERS} -type f | wc -l")
    patterns = "".join(f"{value}\n" for value in secrets.values())

    found = stack.run_in(service, "sh", "-c", f"grep -rlFf - {_FOLDERS} || true", input=patterns)

    assert int(looked_at) > 3
    assert found == ""


def test_lines_of_our_programs_are_json(stack: ComposeStack):
    lines = [line for line in stack.log_of("ingest", "scheduler", "ui").splitlines() if line.startswith("{")]

    assert lines
    assert all({"event", "level"} <= json.loads(line).keys() for line in lines)
