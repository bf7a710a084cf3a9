"""Does the bill of materials name every package that the images are made of, with the digests of the lock?"""

import json
import subprocess
from pathlib import Path

import pytest

from candlecast.doctor.versions import locked
from tests.needs import cannot_test

ROOT = Path(__file__).parent.parent.parent
UV = ROOT / ".venv" / "bin" / "uv"


def reachable() -> bool:
    """Tell whether the tool is kept here or can be had."""
    asked = [UV, "tool", "run", "--quiet", "--from", "cyclonedx-bom==7.5.0", "cyclonedx-py", "--version"]
    return subprocess.run(asked, capture_output=True, timeout=200).returncode == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not reachable():
        cannot_test("cyclonedx-bom is not kept here, and no package index is reachable")
    folder = tmp_path_factory.mktemp("sbom")
    subprocess.run(["make", "--silent", "sbom", f"SBOM={folder}"], cwd=ROOT, check=True, timeout=250)
    return folder


@pytest.mark.parametrize("lock", ["requirements", "requirements-ui"])
def test_bill_names_every_package_of_the_lock_with_its_digests(folder, lock):
    bill = json.loads((folder / f"{lock}.cdx.json").read_text())

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["name"] == "candlecast"
    found = {(one["name"].lower(), one["version"]) for one in bill["components"]}
    wanted = {(one.name.lower(), next(iter(one.specifier)).version) for one in locked(ROOT / f"{lock}.lock")}
    assert found == wanted
    digests = {digest["content"] for one in bill["components"] for place in one["externalReferences"]
               for digest in place["hashes"]}  # fmt: skip
    text = (ROOT / f"{lock}.lock").read_text()
    assert len(digests) > 100
    assert all(digest in text for digest in digests)
