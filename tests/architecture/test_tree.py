"""Does the tree keep its own rules?"""

import subprocess
import sys
from pathlib import Path

import pytest

from candlecast.settings_example import env_example

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("candlecast", "cluster", "jobs", "serve", "ui")
# run as programs: importing them would start them
PROGRAMS = {"__main__"}


def modules() -> list[str]:
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    plain = [name.removesuffix(".__init__") for name in names]
    return sorted(name for name in plain if name.rsplit(".", 1)[-1] not in PROGRAMS and ".migrations" not in name)


def test_env_example_written_by_hand_never_happens():
    assert (ROOT / ".env.example").read_text() == env_example()


def test_every_test_folder_has_an_init_file():
    folders = {file.parent for file in (ROOT / "tests").rglob("*.py")}

    missing = [folder for folder in folders if not (folder / "__init__.py").exists()]

    assert missing == []


def test_importing_every_module_starts_nothing():
    script = f"""
import importlib, os, socket, threading
connected = []
socket.socket.connect = lambda self, address: connected.append(address)
before = set(threading.enumerate())
for name in {modules()!r}:
    importlib.import_module(name)
import ray
assert not ray.is_initialized(), "an import started Ray"
assert connected == [], f"an import connected to {{connected}}"
started = {{thread.name for thread in set(threading.enumerate()) - before}}
assert started == set(), f"an import started threads {{started}}"
"""

    result = subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, capture_output=True, text=True)

    assert result.returncode == 0, result.stderr[-2_000:]


@pytest.mark.parametrize(
    ("waiting", "spared"),
    [
        ("jobs.cli, cluster.supervise", "ray pandas numpy"),
        ("jobs.scheduler", "ray pandas numpy"),
        # and the answers of those whom it supervises
        ("cluster.actors.supervisor, candlecast.ingest.health", "pandas numpy"),
    ],
)
def test_process_that_only_waits_and_tells_others_imports_nothing_large(waiting: str, spared: str):
    script = f"import sys, {waiting}; print(*sorted(set({spared.split()}) & sys.modules.keys()))"

    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)

    assert told.stdout.split() == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-ui.lock", "requirements-dev.lock"])
def test_lock_file_names_no_address(lock):
    text = (ROOT / lock).read_text()

    assert "://" not in text
    assert "--hash=sha256:" in text
