"""Is a replay server started with what the settings say, and its refusal passed on?"""

import sys
from pathlib import Path

import pytest

from candlecast.errors import InvalidRequestError, StackError
from candlecast.settings import Settings
from candlecast.storage.process import spawn
from cluster.replay_server import await_replay, replay_command
from tests.loopback import free_port


def test_replay_command_carries_the_script_of_faults(tmp_path):
    settings = Settings(replay={"faults": tmp_path / "faults.json", "speed": 120}, _env_file=None)

    command = replay_command(settings, port=8270, state=tmp_path / "replay.json")

    assert f"--faults={tmp_path / 'faults.json'}" in command
    assert {"--speed=120.0", "--port=8270", "--symbols=", "--data="} <= set(command)


@pytest.mark.parametrize(
    ("code", "raised"),
    [(2, InvalidRequestError), (1, StackError)],
)
def test_await_replay_of_a_server_that_ends_passes_its_last_line_on(tmp_path: Path, code, raised):
    script = f"import sys; print('replay: kind is not known'); sys.exit({code})"
    child = spawn([sys.executable, "-c", script], log_file=tmp_path / "replay.log")

    with pytest.raises(raised, match="kind is not known") as failed:
        await_replay(f"http://127.0.0.1:{free_port()}", child)

    assert "replay: kind" not in str(failed.value)
