"""Do the commands of README and docs work as they are written there? Each page is typed from its top to its end.

The stack is that of the README, on ports of its own: curl finds them by its configuration, not by another command.
"""

import os
import re
import shlex
import subprocess
from itertools import groupby
from pathlib import Path

import pytest

from cluster.ports import Ports, taken_ports
from tests.documents.blocks import ROOT, Command, all_commands, blocks
from tests.documents.ways import way_of
from tests.e2e.conftest import Stack, run_stack

pytestmark = pytest.mark.timeout(600)

LISTEN_S, PAGE_LIMIT_S = 30, 240
# what the README has a shell do before anything else
PROLOGUE = 'eval "$(.venv/bin/candlecast env)"'


def typed_by_page() -> dict[str, list[Command]]:
    """Return the commands of each page that are run; what two pages tell is typed on the first of them."""
    first: dict[tuple[str, ...], Command] = {}
    for command in all_commands():
        way = way_of(command)
        if way and way.check in ("run", "ends"):
            first.setdefault(tuple(command.words), command)
    return {page: list(commands) for page, commands in groupby(first.values(), key=lambda command: command.page)}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A folder that looks like this checkout, but has no stack of its own yet."""
    folder = tmp_path_factory.mktemp("checkout")
    for entry in ROOT.iterdir():
        if entry.name not in (".candlecast", ".env", ".git"):
            (folder / entry.name).symlink_to(entry)
    return folder


@pytest.fixture(scope="module")
def readme_stack(checkout, tmp_path_factory):
    """What `make run SOURCE=recorded` starts, with two of its stocks and the alert channels of docs/alerts.md."""
    [channels] = [command for command in all_commands() if command.text.startswith("CANDLECAST_ALERTS__CHANNELS=")]
    name, _, value = channels.words[0].partition("=")
    output = tmp_path_factory.mktemp("output") / "output.txt"
    # a candle of a day every 10 s
    flags = ["--symbols", "AAPL,IBM", "--speed", "8640"]
    ports = next(ports for ports in map(Ports, range(400, 1_000, 30)) if not taken_ports(ports))
    with run_stack(Stack(checkout / ".candlecast", ports, output, flags, variables={name: value})) as running:
        yield running


@pytest.fixture
def type_in(readme_stack, checkout, tmp_path):
    """Run lines in a shell of the checkout; the first that fails ends it."""
    port = readme_stack.ports.of("serve")
    moved = [f'connect-to = "{host}:8000:127.0.0.1:{port}"' for host in ("127.0.0.1", "localhost")]
    (tmp_path / ".curlrc").write_text("\n".join(["fail-with-body", "silent", "show-error", *moved]))
    ours = ("CANDLECAST_", "RAY_", "OMP_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"HOME": str(tmp_path), "KEY": "any"}

    def run(lines: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-v", "-c", "\n".join(lines)],
            cwd=checkout, env=environment, capture_output=True, text=True, timeout=PAGE_LIMIT_S,
        )  # fmt: skip

    return run


def as_typed(command: Command) -> list[str]:
    """Return the lines of a command; of what never ends the first event is awaited."""
    if way_of(command).check == "run":
        return [command.text]
    typed = shlex.join(command.words)
    return [f"grep -q -m 1 '^event: ' < <(timeout {LISTEN_S} {typed} 2>/dev/null)"]


@pytest.mark.parametrize(("page", "commands"), typed_by_page().items(), ids=typed_by_page().keys())
def test_commands_of_a_page_work_as_written_one_after_the_other(page, commands, type_in, readme_stack):
    begun = [] if page == "README.md" else [PROLOGUE]

    typed = type_in([*begun, *(line for command in commands for line in as_typed(command))])

    assert typed.returncode == 0, f"{typed.stdout[-3_000:]}\n{typed.stderr[-3_000:]}\n{readme_stack.logs()}"
    assert "Traceback" not in typed.stdout + typed.stderr


def test_python_of_the_client_page_works_as_written_but_for_the_port(type_in, readme_stack):
    [block] = [block for block in blocks("docs/client.md") if block.language == "python"]
    address = readme_stack.ports.url("serve")
    program = re.sub(r"http://127\.0\.0\.1:8000", address, block.text) + "print(forecast.p_up, len(candles))"

    typed = type_in([f".venv/bin/python - <<'PROGRAM'\n{program}\nPROGRAM"])

    assert typed.returncode == 0, typed.stderr[-2_000:]
    p_up, n = typed.stdout.split()
    assert 0 < float(p_up) < 1
    assert int(n) > 0
