"""Where was the replay? Its market time on disk, so that a restart never goes back in time."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from candlecast.clock import ReplayClock, wall_s
from candlecast.errors import InvalidRequestError
from candlecast.replay.recordings import Recording

# Saved twice as often as a restart steps ahead, so that a busy machine may be late with a save.
SAVE_INTERVAL_S, RESUME_AHEAD_S = 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Position:
    """The state file of one replay: what is played, from where, and how far it came.

    Parameters
    ----------
    path : Path
        JSON file, replaced atomically.
    recording, timeframe, start : str
        Identity of the replay; a file of another one is refused.
    """

    path: Path
    recording: str
    timeframe: str
    start: str

    def save(self, market_time: datetime, *, speed: float) -> None:
        """Write `market_time` and the `speed` it runs at."""
        state = self._identity() | {"market_time": market_time.isoformat(), "speed": speed}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_name(f"{self.path.name}.new")
        draft.write_text(json.dumps(state), encoding="utf-8")
        draft.replace(self.path)

    def resume(self) -> datetime | None:
        """Return the market time to go on from, None when nothing was saved.

        That is the saved time plus `RESUME_AHEAD_S` at the saved speed: further than the clock can
        have run since the last save before it was killed.

        Raises
        ------
        InvalidRequestError
            When the file belongs to another replay or cannot be read.
        """
        if not self.path.exists():
            return None
        try:
            state = json.loads(self.path.read_text(encoding="utf-8"))
            resumed = _resumed(datetime.fromisoformat(state["market_time"]), float(state["speed"]))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            message = f"replay state {self.path} is damaged ({error}); delete it to start over"
            raise InvalidRequestError(message) from error
        for name, wanted in self._identity().items():
            if state.get(name) != wanted:
                raise InvalidRequestError(
                    f"replay state {self.path} belongs to {name} {state.get(name)!r}, asked for {wanted!r}; "
                    "use another state file"
                )
        return resumed

    def _identity(self) -> dict[str, str]:
        return {"recording": self.recording, "timeframe": self.timeframe, "start": self.start}


def _resumed(saved: datetime, speed: float) -> datetime:
    if saved.tzinfo is None or not speed > 0:
        raise ValueError(f"a market time of {saved.isoformat()} at speed {speed:g}")
    return saved + timedelta(seconds=RESUME_AHEAD_S * speed)


def start_clock(recording: Recording, *, start: str, speed: float, position: Position | None) -> ReplayClock:
    """Return the clock of a replay: resumed, at `start` (RFC 3339), or 500 candles before the end.

    Raises
    ------
    InvalidRequestError
        When `start` is no time, or lies outside the recording.
    """
    first = recording.default_start() if start == "" else _parse_start(start, recording)
    resumed = None if position is None else position.resume()
    market_time = min(first if resumed is None else max(first, resumed), recording.end)
    return ReplayClock(wall_anchor_s=wall_s(), market_anchor=market_time, end=recording.end, speed=speed)


def _parse_start(text: str, recording: Recording) -> datetime:
    limits = f"between {recording.start.isoformat()} and {recording.end.isoformat()}"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"start must be a time such as 2020-03-01T00:00:00Z {limits}, was {text[:40]!r}"
        raise InvalidRequestError(message) from error
    if moment.tzinfo is None:
        raise InvalidRequestError(f"start must name its offset, as in {text}Z or {text}+00:00, was {text!r}")
    if not recording.start <= moment <= recording.end:
        raise InvalidRequestError(f"start must lie {limits}, was {text!r}")
    return moment
