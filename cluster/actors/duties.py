"""An actor that does duties for ever, as collecting news: a shell around work that knows nothing of Ray."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import ray
import structlog

from candlecast.errors import CandlecastError, InvalidRequestError
from candlecast.logs import configure_logs
from candlecast.settings import Settings
from candlecast.telemetry.publishing import publish_metrics

OPEN_AGAIN_AFTER_S = 2.0
# a forecast must not wait for the grading of earlier ones
_NICENESS = 10

log = structlog.get_logger(__name__)


class Duty(Protocol):
    """What is done for ever."""

    async def run(self) -> None:
        """Work until cancelled."""
        ...


class DutyMaker(Protocol):
    """Makes the duty inside the actor; a function that can be imported there."""

    def __call__(self, settings: Settings) -> Duty:
        """Return a duty that has not begun."""
        ...


@dataclass(frozen=True, slots=True)
class DutyOrder:
    """What shall be done for ever.

    Parameters
    ----------
    name : str
        What the logs call it.
    make : callable
        Makes the duty; called in a thread of the actor.
    delay_s : float
        Wall seconds to wait before it begins, so that a start is left the CPUs.
    """

    name: str
    make: DutyMaker
    delay_s: float = 0.0


async def opened(order: DutyOrder, settings: Settings, *, pause_s: float = OPEN_AGAIN_AFTER_S) -> Duty:
    """Return the duty as soon as it can be made; a database or a server that is away is waited for.

    Parameters
    ----------
    order : DutyOrder
        What to make.
    settings : Settings
        For the duty.
    pause_s : float
        Wall seconds until it is tried again.

    Raises
    ------
    InvalidRequestError
        When the settings cannot be read, which waiting does not mend.
    """
    while True:
        try:
            # models and database clients take seconds to import
            return await asyncio.to_thread(order.make, settings)
        except InvalidRequestError:
            raise
        except CandlecastError as error:
            log.warning("a duty cannot begin, it is tried again", duty=order.name, reason=str(error), pause_s=pause_s)
        await asyncio.sleep(pause_s)


@ray.remote
class DutiesActor:
    """Does several duties in one process, since each process holds a hundred megabytes; begins again when it is lost.

    A duty that ends by an error ends no other.

    Parameters
    ----------
    settings : Settings
        For the duties.
    version : str
        Digest of settings and code; an actor of another version is replaced.
    orders : sequence of DutyOrder
        What to do.
    name : str
        What the logs call the process.
    """

    async def __init__(self, settings: Settings, version: str, orders: Sequence[DutyOrder], *, name: str) -> None:
        os.nice(_NICENESS)
        configure_logs(settings, program=name, of_ray=True)
        publish_metrics(settings, program=name)
        self._version = version
        self._running = {order.name: asyncio.create_task(_do(order, settings)) for order in orders}

    async def version(self) -> str:
        """Return the version of settings and code that it runs."""
        return self._version

    async def failures(self) -> dict[str, str]:
        """Return why a duty ended, by its name; empty while all work or wait to begin."""
        return {name: _reason(task) for name, task in self._running.items() if task.done()}

    async def stop(self) -> None:
        """End the work; what is half done is done again by the next one."""
        for task in self._running.values():
            task.cancel()


async def _do(order: DutyOrder, settings: Settings) -> None:
    await asyncio.sleep(order.delay_s)
    try:
        duty = await opened(order, settings)
        await duty.run()
    except Exception:
        # nobody awaits this task: without a line here the duty would end unheard
        log.exception("a duty ended", duty=order.name)
        raise


def _reason(task: asyncio.Task[None]) -> str:
    error = None if task.cancelled() else task.exception()
    return "it ended" if error is None else f"{type(error).__name__}: {error}"
