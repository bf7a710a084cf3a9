"""How the local stack starts the server that plays recorded candles."""

import sys
import time
from pathlib import Path

from candlecast.errors import CandlecastError, InvalidRequestError, StackError
from candlecast.replay.remote import fetch_recording
from candlecast.settings import Settings
from candlecast.storage.process import Child

_START_LIMIT_S = 30.0
# it cannot play what was asked for, and says why in its last line
_USAGE = 2


def replay_command(settings: Settings, *, port: int, state: Path) -> list[str]:
    """Return the command line of the replay server, which keeps its market time in the file `state`."""
    options = {
        "--data": settings.replay.data or "",
        "--symbols": settings.market.symbols,
        "--start": settings.replay.start,
        "--speed": settings.replay.speed,
        "--news": settings.replay.news or "",
        "--faults": settings.replay.faults or "",
        "--port": port,
        "--state": state,
    }
    flags = [f"{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "candlecast.replay", *flags]


def await_replay(url: str, child: Child) -> None:
    """Wait until the replay server at `url` answers.

    Raises
    ------
    InvalidRequestError
        When it refuses what it shall play; says why.
    StackError
        When it does not start.
    """
    deadline_s = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < deadline_s and child.alive():
        try:
            fetch_recording(url)
        except CandlecastError:
            time.sleep(0.05)
        else:
            return
    reason = child.last_line().removeprefix("replay: ")
    if child.returncode == _USAGE:
        raise InvalidRequestError(reason)
    raise StackError(f"the replay server did not start: {reason}")
