"""A recorded market that stands still at one moment, its server and a real database behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from candlecast.replay.recordings import Recording
from candlecast.replay.server import build_replay
from candlecast.settings import Settings
from tests.builders import make_frozen_clock
from tests.loopback import serve_app


@contextmanager
def market_at(now: datetime, *, recording: Recording, url: str, folder: Path) -> Iterator[Settings]:
    """Yield the settings of a process that lives at `now` of `recording`."""
    clock = make_frozen_clock(now, recording.end)
    with serve_app(build_replay(recording, clock)) as replay:
        yield Settings(
            market={"source": "recorded", "venue_url": replay, "banner": "Recorded candles."},
            replay={"url": replay},
            database={"url": url},
            models={"folder": folder},
            _env_file=None,
        )


def opens(recording: Recording, symbol: str, *, until: datetime) -> list[datetime]:
    """Return the open times of the recorded candles of `symbol` that closed by `until`."""
    candles = recording.series[symbol].candles
    return list(candles.loc[candles["close_time"] <= until, "open_time"].dt.to_pydatetime())


HOUR = timedelta(hours=1)
