"""Is a start timed to its first forecast and to its last check, whichever comes first?"""

import time
from types import SimpleNamespace

import first_answers
import pytest
from first_answers import wait_for_answers

from candlecast.errors import SourceUnavailableError


class Starting:
    """A stack that answers nothing at first, then readiness with a red check, then forecasts, then all green."""

    def __init__(self) -> None:
        self.n_asked = self.n_ready = self.n_forecasts = 0
        self.closed = False

    def client(self) -> "Starting":
        self.n_asked += 1
        if self.n_asked < 3:
            raise SourceUnavailableError("nothing answers")
        return self

    def readiness(self) -> SimpleNamespace:
        self.n_ready += 1
        return SimpleNamespace(checks=[SimpleNamespace(name="news", detail="none yet", ok=self.n_ready > 4)])

    def forecast(self, symbol: str, timeframe: str) -> str:
        self.n_forecasts += 1
        if self.n_forecasts < 2:
            raise SourceUnavailableError(f"no model for {symbol} {timeframe}")
        return "a forecast"

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr(first_answers, "POLL_S", 0.01)


def test_start_is_timed_to_the_first_forecast_and_to_the_last_check():
    stack = Starting()

    found = wait_for_answers(stack.client, "BTC/USDT", started_s=time.monotonic() - 100)

    assert 100 < found.forecast_s < found.green_s
    assert stack.n_forecasts == 2
    assert stack.closed
    assert set(found.named("again")) == {"again_forecast_s", "again_green_s"}


def test_start_that_is_not_ready_in_time_fails_and_names_what_is_red(monkeypatch):
    monkeypatch.setattr(first_answers, "LIMIT_S", 0.2)
    stack = Starting()
    stack.n_ready = -1_000

    with pytest.raises(SystemExit, match=r"not ready within 0\.2 s: news: none yet"):
        wait_for_answers(stack.client, "BTC/USDT", started_s=time.monotonic())


def test_start_of_a_stack_that_ended_fails_at_once():
    def require_alive() -> None:
        raise SystemExit("the stack ended: no port")

    with pytest.raises(SystemExit, match="the stack ended: no port"):
        wait_for_answers(Starting().client, "BTC/USDT", started_s=time.monotonic(), require_alive=require_alive)
