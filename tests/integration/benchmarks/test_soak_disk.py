import subprocess
import sys
from pathlib import Path

from tests.needs import cannot_test

ROOT = Path(__file__).parents[3]
# in a process of its own, whose mounts end with it
SCRIPT = """
import errno, os, sys
from pathlib import Path
from benchmarks.soak.disk import filled, mount_own, unmount

folder = Path(sys.argv[1])
if reason := mount_own(folder, size_mb=4):
    sys.exit("refused: " + reason)

def write():
    try:
        (folder / "line").write_bytes(b"x" * 8_192)
    except OSError as error:
        return error.errno == errno.ENOSPC and "full"
    return "room"

said = [write()]
(folder / "line").unlink()
with filled(folder):
    said.append(write())
said.append(write())
unmount(folder)
print(*said, *os.listdir(folder))
"""


def test_filled_disk_has_no_room_until_the_end(tmp_path):
    asked = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    if "refused: " in asked.stderr:
        cannot_test(asked.stderr.strip())

    assert asked.stdout.split() == ["room", "full", "room"], asked.stderr
    assert list(tmp_path.iterdir()) == []
