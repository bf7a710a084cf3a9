"""When does a stack that was just started answer its first forecast, and pass every check?"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from candlecast.client import CandlecastClient
from candlecast.errors import CandlecastError
from tests.compose.stack import CommandFailed

LIMIT_S, POLL_S = 420, 0.2


@dataclass(frozen=True, slots=True)
class Awaited:
    """Seconds from the command to the first forecast, and until every check was passed."""

    forecast_s: float
    green_s: float

    def named(self, start: str) -> dict[str, float]:
        """Return both as figures of one start."""
        return {f"{start}_forecast_s": self.forecast_s, f"{start}_green_s": self.green_s}


def wait_for_answers(
    ask: Callable[[], CandlecastClient],
    symbol: str,
    *,
    started_s: float,
    require_alive: Callable[[], None] | None = None,
) -> Awaited:
    """Ask for a forecast of `symbol` and for readiness until both are there.

    Parameters
    ----------
    ask : callable
        Returns a client as soon as there is somebody to ask, and fails before.
    symbol : str
        Whose forecast, of hourly candles.
    started_s : float
        When the stack was started, of the monotonic clock.
    require_alive : callable, optional
        Fails where nothing will ever answer.
    """
    seen: dict[str, float] = {}
    client: CandlecastClient | None = None
    while len(seen) < 2:
        if time.monotonic() > started_s + LIMIT_S:
            raise SystemExit(f"start: not ready within {LIMIT_S} s: {_checks(client)}")
        if require_alive is not None:
            require_alive()
        with suppress(CandlecastError, CommandFailed):
            client = client or ask()
            if all(check.ok for check in client.readiness().checks):
                seen.setdefault("green", time.monotonic() - started_s)
        with suppress(CandlecastError):
            if client is not None and "forecast" not in seen:
                client.forecast(symbol, "1h")
                seen["forecast"] = time.monotonic() - started_s
        time.sleep(POLL_S)
    if client is not None:
        client.close()
    return Awaited(seen["forecast"], seen["green"])


def _checks(client: CandlecastClient | None) -> str:
    if client is None:
        return "nothing answers"
    try:
        return ", ".join(f"{check.name}: {check.detail}" for check in client.readiness().checks if not check.ok)
    except CandlecastError as error:
        return str(error)
