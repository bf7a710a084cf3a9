"""An actor that does one duty for ever, as collecting news: a shell around work that knows nothing of Ray."""

import asyncio
from typing import Protocol

import ray
import structlog

from candlecast.errors import CandlecastError, InvalidRequestError
from candlecast.logs import configure_logs
from candlecast.settings import Settings
from candlecast.telemetry.publishing import publish_metrics

OPEN_AGAIN_AFTER_S = 2.0

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


async def opened(make_duty: DutyMaker, settings: Settings, *, name: str, pause_s: float = OPEN_AGAIN_AFTER_S) -> Duty:
    """Return the duty as soon as it can be made; a database or a server that is away is waited for.

    Parameters
    ----------
    make_duty : callable
        Makes the duty; called in a thread.
    settings : Settings
        For the duty.
    name : str
        What the logs call it.
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
            return await asyncio.to_thread(make_duty, settings)
        except InvalidRequestError:
            raise
        except CandlecastError as error:
            log.warning("a duty cannot begin, it is tried again", duty=name, reason=str(error), pause_s=pause_s)
        await asyncio.sleep(pause_s)


@ray.remote
class DutyActor:
    """Runs a duty; begins again by itself when its process is lost.

    Parameters
    ----------
    settings : Settings
        For the duty.
    version : str
        Digest of settings and code; an actor of another version is replaced.
    make_duty : callable
        Makes the duty.
    name : str
        What the logs call it.
    delay_s : float
        Wall seconds to wait before it begins, so that a start is left the CPUs.
    """

    async def __init__(
        self, settings: Settings, version: str, make_duty: DutyMaker, *, name: str, delay_s: float = 0.0
    ) -> None:
        configure_logs(settings, program=name, of_ray=True)
        publish_metrics(settings, program=name)
        self._version, self._name = version, name
        self._running = asyncio.create_task(self._run(settings, make_duty, delay_s=delay_s))

    async def version(self) -> str:
        """Return the version of settings and code that it runs."""
        return self._version

    async def failure(self) -> str | None:
        """Return why the duty ended, None while it works or waits to begin."""
        if not self._running.done():
            return None
        error = None if self._running.cancelled() else self._running.exception()
        return "it ended" if error is None else f"{type(error).__name__}: {error}"

    async def stop(self) -> None:
        """End the work; what is half done is done again by the next one."""
        self._running.cancel()

    async def _run(self, settings: Settings, make_duty: DutyMaker, *, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        try:
            duty = await opened(make_duty, settings, name=self._name)
            await duty.run()
        except Exception:
            # nobody awaits this task: without a line here the duty would end unheard
            log.exception("a duty ended", duty=self._name)
            raise
