"""Do the steps of docs/extending.md lead to a venue, a feed and a model that work? Followed as written, in a copy."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.documents.blocks import ROOT, Block, blocks, commands_in

PAGE = "docs/extending.md"
COPIED = ("candlecast", "tests", "pyproject.toml")
FILE = re.compile(r"`([\w/]+\.py)`")
STEP_LIMIT_S = 120


def sections() -> dict[str, list[Block]]:
    """Return the blocks under each heading of the page."""
    lines = (ROOT / PAGE).read_text().splitlines()
    headings = [(number, line[3:]) for number, line in enumerate(lines, start=1) if line.startswith("## ")]
    found: dict[str, list[Block]] = {heading: [] for _, heading in headings}
    for block in blocks(PAGE):
        found[max(place for place in headings if place[0] < block.line)[1]].append(block)
    return found


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A checkout that may be changed."""
    folder = tmp_path_factory.mktemp("copy")
    unneeded = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=unneeded)
        else:
            shutil.copy(source, folder / name)
    for name in (".venv", "cluster", "docs", "jobs", "ml_models", "serve", "ui"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def follow(block: Block, copy: Path) -> None:
    """Write the file, make the change, or type the commands that a block shows."""
    named = FILE.search(block.lead)
    if block.language == "sh":
        for command in commands_in(block):
            run(command.text, copy)
    elif block.language == "diff":
        change(copy / named[1], block)
    elif named:
        path = copy / named[1]
        assert not path.exists(), f"{named[1]} is there already"
        path.write_text(block.text)
        run(f".venv/bin/ruff check {named[1]} && .venv/bin/ruff format --check {named[1]}", copy)
    else:
        run(f".venv/bin/python - <<'PROGRAM'\n{block.text}\nPROGRAM", copy)


def change(path: Path, block: Block) -> None:
    """Put the lines that begin with + in the place of those that begin with -, change by change."""
    text = path.read_text()
    for part in block.text.split("\n\n"):
        lines = part.strip("\n").splitlines()
        before = "".join(f"{line[1:]}\n" for line in lines if line[0] in " -")
        after = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
        assert text.count(before) == 1, f"{PAGE}:{block.line} changes what is not in {path.name}:\n{before}"
        text = text.replace(before, after)
    path.write_text(text)


def run(typed: str, copy: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHONPATH"))}
    done = subprocess.run(
        ["bash", "-c", typed], cwd=copy, env=environment, capture_output=True, text=True, timeout=STEP_LIMIT_S
    )
    assert done.returncode == 0, f"{typed}\n{done.stdout[-3_000:]}\n{done.stderr[-3_000:]}"


@pytest.mark.parametrize("heading", list(sections()))
def test_steps_followed_as_written_lead_to_what_works(heading, copy):
    for block in sections()[heading]:
        follow(block, copy)
