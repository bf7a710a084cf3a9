"""The one actor that collects news and has it judged: a shell around the news desk."""

import asyncio
from typing import Protocol

import ray
import structlog

from candlecast.errors import CandlecastError, InvalidRequestError
from candlecast.logs import configure_logs
from candlecast.settings import Settings

OPEN_AGAIN_AFTER_S = 2.0

log = structlog.get_logger(__name__)


class Desk(Protocol):
    """What collects news."""

    async def run(self) -> None:
        """Work until cancelled."""
        ...


class DeskMaker(Protocol):
    """Makes the desk inside the actor; a function that can be imported there."""

    def __call__(self, settings: Settings) -> Desk:
        """Return a desk that has not begun."""
        ...


def open_desk(settings: Settings) -> Desk:
    """Return the desk of the product; imported here, because who starts the actor does not need what it imports."""
    from candlecast.collecting import open_news

    return open_news(settings)


async def opened(make_desk: DeskMaker, settings: Settings, *, pause_s: float = OPEN_AGAIN_AFTER_S) -> Desk:
    """Return the desk as soon as it can be made; a database or a server that is away is waited for.

    Parameters
    ----------
    make_desk : callable
        Makes the desk; called in a thread.
    settings : Settings
        For the desk.
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
            return await asyncio.to_thread(make_desk, settings)
        except InvalidRequestError:
            raise
        except CandlecastError as error:
            log.warning("the news desk cannot open, it is tried again", reason=str(error), pause_s=pause_s)
        await asyncio.sleep(pause_s)


@ray.remote
class NewsActor:
    """Runs a news desk; begins again by itself when its process is lost.

    Parameters
    ----------
    settings : Settings
        For the desk.
    version : str
        Digest of settings and code; an actor of another version is replaced.
    make_desk : callable
        Makes the desk.
    """

    async def __init__(self, settings: Settings, version: str, make_desk: DeskMaker = open_desk) -> None:
        configure_logs(level=settings.log_level, as_json=settings.log_json)
        self._version = version
        self._running = asyncio.create_task(self._run(settings, make_desk))

    async def version(self) -> str:
        """Return the version of settings and code that it runs."""
        return self._version

    async def failure(self) -> str | None:
        """Return why the desk ended, None while it works or waits to open."""
        if not self._running.done():
            return None
        error = None if self._running.cancelled() else self._running.exception()
        return "it ended" if error is None else f"{type(error).__name__}: {error}"

    async def stop(self) -> None:
        """End the work; what is half done is done again by the next one."""
        self._running.cancel()

    async def _run(self, settings: Settings, make_desk: DeskMaker) -> None:
        try:
            desk = await opened(make_desk, settings)
            await desk.run()
        except Exception:
            # nobody awaits this task: without a line here news would end unheard
            log.exception("the news desk ended")
            raise
