"""The duty of collecting news."""

from typing import Any

from candlecast.settings import Settings
from cluster.actors.duty import Duty
from cluster.duty import start_duty, stop_duty

NEWS = "news-desk"


def start_news(settings: Settings) -> Any:
    """Return the handle of the actor that collects news as `settings` say; see `start_duty`."""
    return start_duty(NEWS, settings, make_duty=open_desk)


def stop_news() -> None:
    """End the collection of news, if it runs; see `stop_duty`."""
    stop_duty(NEWS)


def open_desk(settings: Settings) -> Duty:
    """Return the desk of the product; imported here, because who starts the actor does not need what it imports."""
    from candlecast.collecting import open_news

    return open_news(settings)
