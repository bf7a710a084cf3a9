"""How does a message reach its channel? Tried again a few times, never more an hour than the channel takes."""

import asyncio
import logging
from contextlib import suppress

import stamina

from candlecast.alerts.channels import Channel, DeliveryError
from candlecast.errors import StorageError
from candlecast.schemas import DeliveryState
from candlecast.storage.postgres.alert_deliveries import DeliveryStore, Waiting

logger = logging.getLogger(__name__)

ATTEMPTS = 4
# an older message would be taken for news
EXPIRES_AFTER_S = 3_600.0
HOUR_S = 3_600.0
_LOOK_EVERY_S = 30.0
_PATIENCE_S = 90.0
_FIRST_WAIT_S = 1.0


class Courier:
    """Sends what waits for one channel, message after message.

    What is sent is written down after the channel took it: a process that dies in between sends it
    again.

    Parameters
    ----------
    channel : Channel
        Where to.
    store : DeliveryStore
        What waits.
    max_per_hour : int
        Messages that the channel takes; further ones are written down as limited.
    """

    def __init__(self, channel: Channel, store: DeliveryStore, *, max_per_hour: int) -> None:
        self._channel = channel
        self._store = store
        self._max_per_hour = max_per_hour
        self._due = asyncio.Event()

    @property
    def name(self) -> str:
        """Name of the channel."""
        return self._channel.name

    def wake(self) -> None:
        """Have it look at once."""
        self._due.set()

    async def run(self) -> None:
        """Work until cancelled; a database that is down is waited for."""
        while True:
            self._due.clear()
            try:
                await self.round()
            except StorageError as error:
                logger.warning("alerts of channel %s wait: %s", self.name, error)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._due.wait()

    async def round(self) -> int:
        """Settle all that waits and return how many messages that were.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        n = 0
        while waiting := await asyncio.to_thread(self._store.waiting, self.name):
            for one in waiting:
                await self._settle(one)
            n += len(waiting)
        return n

    async def _settle(self, waiting: Waiting) -> None:
        if waiting.age_s > EXPIRES_AFTER_S:
            reason = f"it waited for {waiting.age_s / 60:.0f} minutes"
            await asyncio.to_thread(self._store.settle, waiting.id, "expired", attempts=0, reason=reason)
            return
        if await asyncio.to_thread(self._store.n_sent, self.name, within_s=HOUR_S) >= self._max_per_hour:
            reason = f"the channel takes {self._max_per_hour} messages an hour"
            await asyncio.to_thread(self._store.settle, waiting.id, "limited", attempts=0, reason=reason)
            return
        attempts, failure = await self._send(waiting)
        if failure is not None:
            logger.warning("channel %s did not take an alert after %d attempts: %s", self.name, attempts, failure)
        state: DeliveryState = "sent" if failure is None else "failed"
        await asyncio.to_thread(self._store.settle, waiting.id, state, attempts=attempts, reason=failure)

    async def _send(self, waiting: Waiting) -> tuple[int, str | None]:
        n = 0
        try:
            async for attempt in stamina.retry_context(
                on=DeliveryError, attempts=ATTEMPTS, timeout=_PATIENCE_S, wait_initial=_FIRST_WAIT_S
            ):
                with attempt:
                    n = attempt.num
                    await asyncio.to_thread(self._channel.send, title=waiting.title, message=waiting.message)
        except DeliveryError as error:
            return n, str(error)
        return n, None
