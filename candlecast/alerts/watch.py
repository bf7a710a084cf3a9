"""The watch: looks at every rule when something happened, and at least every few seconds; fires, arms again."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

from candlecast.alerts import rules
from candlecast.alerts.courier import Courier
from candlecast.alerts.readings import Readings
from candlecast.errors import CandlecastError
from candlecast.schemas import Alert
from candlecast.storage.cache import Cache
from candlecast.storage.postgres.alerts import AlertStore, Firing

logger = logging.getLogger(__name__)

CHANNEL = "alerts"
_CAUSES = frozenset({"prices", "candles", "forecasts", "news"})
# prices come twice a second, candles of many symbols together
SHORTEST_PAUSE_S = 1.0


class AlertWatch:
    """Judges rules and has couriers send; belongs to one event loop.

    Parameters
    ----------
    store : AlertStore
        Rules and firings.
    readings : Readings
        The figures, as of the market time.
    couriers : sequence of Courier
        One a channel.
    cache : Cache
        Tells what happened, and hears of firings; without it only the clock makes the watch look.
    interval_s : float
        Wall seconds between two looks when nothing happens.
    note : str
        What readers of messages must know of the data.
    """

    def __init__(
        self,
        *,
        store: AlertStore,
        readings: Readings,
        couriers: Sequence[Courier],
        cache: Cache,
        interval_s: float,
        note: str = "",
    ) -> None:
        self._store, self._readings, self._cache = store, readings, cache
        self._couriers = {courier.name: courier for courier in couriers}
        self._interval_s, self._note = interval_s, note
        self._happened = asyncio.Event()
        self._n_rules = 0

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for courier in self._couriers.values():
                group.create_task(courier.run())
            group.create_task(self._listen())
            await self._look_for_ever()

    async def round(self) -> int:
        """Look at every rule once and return how many there are.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        alerts = await asyncio.to_thread(self._store.all)
        values = await self._readings.values(alerts) if alerts else {}
        judged = [(alert, rules.decide(alert, values[alert.id])) for alert in alerts if alert.id in values]
        back = [alert.id for alert, decision in judged if decision == "rearm"]
        if back:
            await asyncio.to_thread(self._store.rearm, back)
        for alert in [alert for alert, decision in judged if decision == "fire"]:
            await self._fire(alert, values[alert.id])
        return len(alerts)

    async def _fire(self, alert: Alert, value: float) -> None:
        firing = rules.firing(alert, value, at=self._readings.now(), note=self._note)
        number = await asyncio.to_thread(self._store.fire, firing, channels=set(self._couriers))
        if number is None:
            return
        logger.info("alert %d fired: %s", alert.id, firing.message)
        for name in set(alert.channels) & set(self._couriers):
            self._couriers[name].wake()
        await self._cache.publish(CHANNEL, alert_event(number, firing))

    async def _look_for_ever(self) -> NoReturn:
        while True:
            self._happened.clear()
            try:
                self._n_rules = await self.round()
            except CandlecastError as error:
                logger.warning("alert rules were not looked at, they are in %g s: %s", self._interval_s, error)
            except Exception:
                # the only loop that watches: whatever failed is tried again
                logger.exception("a look at the alert rules failed")
            await asyncio.sleep(SHORTEST_PAUSE_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, self._interval_s - SHORTEST_PAUSE_S)):
                    await self._happened.wait()

    async def _listen(self) -> None:
        async for entry in self._cache.log.follow():
            if self._n_rules and entry.channel in _CAUSES:
                self._happened.set()


def alert_event(number: int, firing: Firing) -> dict[str, Any]:
    """Return what listeners hear of a firing."""
    alert = firing.alert
    return {
        "id": number,
        "alert_id": alert.id,
        "symbol": alert.symbol,
        "metric": alert.metric,
        "side": alert.side,
        "threshold": alert.threshold,
        "value": firing.value,
        "at": firing.at.isoformat(),
        "message": firing.message,
    }
