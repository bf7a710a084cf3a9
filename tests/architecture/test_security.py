"""Does the page of threats name tests that are there, and are all packages under licences that may be used?"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "security.md"
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> list[str]:
    """Return the rows of the table of threats."""
    table = PAGE.read_text().partition("## Threats")[2].partition("\n## ")[0]
    return [line for line in table.splitlines() if line.startswith("| ") and not line.startswith(("| threat", "|---"))]


def test_every_threat_names_its_test():
    without = [row.split("|")[1].strip() for row in rows() if not _TEST.search(row)]

    assert len(rows()) >= 20
    assert without == []


@pytest.mark.parametrize(("file", "name"), sorted(set(_TEST.findall(PAGE.read_text()))))
def test_test_that_the_page_names_is_there(file, name):
    assert re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE)


def test_licences_are_known_allowed_and_as_their_page_says():
    printed = subprocess.run([sys.executable, "docs/licences.py"], cwd=ROOT, capture_output=True, text=True)

    assert printed.returncode == 0, printed.stderr
    written = set((ROOT / "docs" / "licences.md").read_text().splitlines())
    # packages for other machines and versions of Python may be missing from what is printed here
    assert set(printed.stdout.splitlines()) - written == set(), "run `make licences`"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-ui.lock", "requirements-dev.lock"])
def test_every_package_of_a_lock_is_pinned_by_version_and_digest(lock):
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())

    loose = [
        entry.split()[0] for entry in entries if not re.match(r"[\w.\[\]-]+==\S+", entry) or "--hash=" not in entry
    ]

    assert loose == []
