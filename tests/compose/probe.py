"""For how long was the API away? A client that asks for a forecast four times a second, and remembers."""

import threading
import time
from typing import Self

from candlecast.errors import CandlecastError
from tests.compose.stack import ComposeStack

INTERVAL_S, TIMEOUT_S = 0.25, 3.0
# back is who has answered everything for as long as this
STEADY_S = 6.0


class Probe:
    """Asks through the edge until the end of the block.

    Parameters
    ----------
    stack : ComposeStack
        Whom to ask.
    symbol : str
        Whose forecast.
    """

    def __init__(self, stack: ComposeStack, symbol: str) -> None:
        self._client = stack.client(timeout_s=TIMEOUT_S)
        self._symbol = symbol
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._ask_on, daemon=True)
        self._failed_s = 0.0
        self.asked = 0
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._client.close()

    def wait_until_steady(self, *, limit_s: float) -> None:
        """Wait until everything was answered for `STEADY_S` from now on."""
        asked_s = time.monotonic()
        while time.monotonic() - max(asked_s, self._failed_s) < STEADY_S:
            assert time.monotonic() - asked_s < limit_s, f"no steady answers in {limit_s:.0f} s: {self.failures[-1:]}"
            time.sleep(0.1)

    def away_s(self, since_s: float) -> float:
        """Return how long after `since_s` the last failure ended, 0 if nothing failed since."""
        return max(0.0, self._failed_s - since_s)

    def _ask_on(self) -> None:
        while not self._stopped.wait(INTERVAL_S):
            self.asked += 1
            try:
                self._client.forecast(self._symbol, "1h", horizon=1)
            except CandlecastError as error:
                self._failed_s = time.monotonic()
                self.failures.append(str(error))
