"""Does ingestion go on when the machines under it are lost?"""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(400)
def test_ingestion_on_nodes_that_are_killed_goes_on_where_there_is_room(tmp_path: Path):
    command = [sys.executable, "-W", "ignore", "-m", "tests.node_loss", str(tmp_path)]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=380)

    assert ended.returncode == 0, ended.stderr[-3_000:]
