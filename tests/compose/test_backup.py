"""Does `make backup` of the containers write what `make restore` takes, while everything goes on?

The last test leaves everything but the stores stopped: whatever comes next starts the stack on what was restored.
"""

import subprocess
import time
from pathlib import Path

import pytest

from candlecast.backup.archive import unpack_archive
from candlecast.backup.manifest import Manifest
from tests.compose.figures import Figures
from tests.compose.stack import ROOT, ComposeStack, plain_environment
from tests.compose.truth import Truth


def make(stack: ComposeStack, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a target of the Makefile on the containers of `stack`."""
    names = {"COMPOSE_ENV_FILES": str(stack.folder / ".env"), "COMPOSE_PROJECT_NAME": stack.project}
    command = ["make", "--silent", *words, "COMPOSE=1"]
    return subprocess.run(
        command, cwd=ROOT, env=plain_environment() | names, capture_output=True, text=True, timeout=180
    )


@pytest.fixture(scope="module")
def file(stack: ComposeStack) -> Path:
    file = stack.folder / "backup.tar"
    made = make(stack, "backup", f"FILE={file}")
    assert made.returncode == 0, made.stderr[-2_000:]
    return file


@pytest.fixture(scope="module")
def manifest(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    with file.open("rb") as stream:
        return unpack_archive(stream, tmp_path_factory.mktemp("unpacked"))


def test_backup_of_the_containers_holds_candles_forecasts_and_models(
    stack: ComposeStack, truth: Truth, manifest: Manifest
):
    assert 0 < manifest.counts["ohlcv_table"] <= len(truth.stored())
    assert 0 < manifest.counts["predictions_table"] <= len(truth.ledger())
    assert set(manifest.artefacts) == {name for [name] in stack.query("SELECT id FROM model_metadata")}


def test_restore_beside_running_parts_is_refused_and_changes_nothing(stack: ComposeStack, truth: Truth, file: Path):
    before = truth.ledger()

    with file.open("rb") as stream:
        answer = stack.compose("run", "--rm", "-T", "backup", "candlecast", "restore", "-", stdin=stream)

    assert answer.returncode == 2, answer.stderr[-1_000:]
    assert "the database is not empty" in answer.stderr
    assert before <= truth.ledger()


def test_restore_by_make_puts_the_backup_in_the_place_of_what_was_there(
    stack: ComposeStack, truth: Truth, file: Path, manifest: Manifest, figures: Figures
):
    begun_s = time.monotonic()
    restored = make(stack, "restore", f"FILE={file}", "FORCE=1")

    assert restored.returncode == 0, restored.stderr[-2_000:]
    assert "the record is whole" in restored.stdout
    assert "is kept as database candlecast_before_" in restored.stdout
    assert len(truth.ledger()) == manifest.counts["predictions_table"]
    assert len(truth.stored()) == manifest.counts["ohlcv_table"]
    figures.note("everything stopped and restored by make", f"{time.monotonic() - begun_s:8.1f} s")
