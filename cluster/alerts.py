"""The duty of watching the alert rules."""

from typing import Any

from candlecast.settings import Settings
from cluster.actors.duty import Duty
from cluster.duty import start_duty, stop_duty

ALERTS = "alert-watch"
# a stack that starts needs its CPUs for the first forecast
_DELAY_S = 20.0


def start_alerts(settings: Settings) -> Any:
    """Return the handle of the actor that watches the alert rules as `settings` say; see `start_duty`."""
    return start_duty(ALERTS, settings, make_duty=open_watch, delay_s=_DELAY_S)


def stop_alerts() -> None:
    """End the watch over the alert rules, if it runs; see `stop_duty`."""
    stop_duty(ALERTS)


def open_watch(settings: Settings) -> Duty:
    """Return the watch; imported here, because who starts the actor does not need what it imports."""
    from candlecast.alerting import open_alerts

    return open_alerts(settings)
