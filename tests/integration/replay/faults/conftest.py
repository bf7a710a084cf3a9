import contextlib
from datetime import timedelta

import httpx2
import pytest

from candlecast.clock import ReplayClock, wall_s
from candlecast.replay.server import build_replay
from tests.builders import make_frozen_clock, make_small_recording
from tests.loopback import serve_app

N_CLOSED = 100


class Faulty:
    """A replay and a plain client of it."""

    def __init__(self, client, recording):
        self.client, self.recording = client, recording
        self.url = str(client.base_url).rstrip("/")

    def load(self, *faults, seed=0):
        answer = self.client.post("/faults", json={"seed": seed, "faults": list(faults)})
        assert answer.status_code == 200, answer.text

    def get(self, path, **query):
        return self.client.get(path, params=query or None)

    def klines(self, symbol="BTCUSDT", **query):
        return self.get("/api/v3/klines", symbol=symbol, interval="1h", **query)

    def opens_ms(self):
        return (self.recording.series["BTC/USDT"].candles["open_time"].astype("int64") // 1_000).tolist()


@contextlib.contextmanager
def serve_faulty(recording, clock):
    with serve_app(build_replay(recording, clock)) as url, httpx2.Client(base_url=url, trust_env=False) as client:
        yield Faulty(client, recording)


@pytest.fixture(scope="session")
def recording():
    return make_small_recording(["BTC/USDT", "ETH/USDT"], 400)


@pytest.fixture(scope="module")
def still_replay(recording):
    """Half an hour into the candle number `N_CLOSED`, where the market stands still."""
    clock = make_frozen_clock(recording.start + timedelta(hours=N_CLOSED, minutes=30), recording.end)
    with serve_faulty(recording, clock) as faulty:
        yield faulty


@pytest.fixture
def still(still_replay):
    yield still_replay
    still_replay.client.delete("/faults")


@pytest.fixture
def running(recording):
    """A candle every 0.3 s, beginning with number `N_CLOSED`."""
    clock = ReplayClock(wall_s(), recording.start + timedelta(hours=N_CLOSED), recording.end, 12_000.0)
    with serve_faulty(recording, clock) as faulty:
        yield faulty
