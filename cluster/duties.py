"""What the cluster does for ever beside following candles, and starting and stopping it."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from candlecast.settings import Settings
from cluster.actors.duties import DutiesActor, Duty, DutyOrder
from cluster.code_version import code_version
from cluster.detached import find_actor, stop_actor, version_of
from cluster.environment import settings_environment
from cluster.resources import DUTIES, LASTING_ACTOR

# a stack that starts needs its CPUs for the first forecast, and nothing has settled yet
_DELAY_S = 20.0


def wanted_duties(settings: Settings) -> tuple[DutyOrder, ...]:
    """Return what `settings` ask for."""
    news = (DutyOrder("news", open_desk),) if settings.news.enabled else ()
    alerts = (DutyOrder("alerts", open_watch, delay_s=_DELAY_S),) if settings.alerts.enabled else ()
    watch = DutyOrder("ingestion", open_ingest_watch)
    return (watch, *news, *alerts, DutyOrder("scoring", open_scoring, delay_s=_DELAY_S))


def start_duties(settings: Settings, orders: Sequence[DutyOrder], *, name: str = DUTIES) -> Any:
    """Return the handle of the actor that does `orders` as `settings` say: the one that does, else a new one.

    Parameters
    ----------
    settings : Settings
        For the duties.
    orders : sequence of DutyOrder
        What to do; decided by `settings` alone, whose digest tells actors apart.
    name : str
        Of the actor.

    Raises
    ------
    StackError
        When an earlier one does not give way.
    """
    said = repr((sorted(settings_environment(settings).items()), code_version()))
    version = sha256(said.encode()).hexdigest()[:16]
    found = find_actor(name)
    if found is not None and version_of(found) == version:
        return found
    if found is not None:
        stop_actor(name, found)
    options = DutiesActor.options(name=name, get_if_exists=True, **LASTING_ACTOR)
    return options.remote(settings, version, tuple(orders), name=name)


def stop_duties(*, name: str = DUTIES) -> None:
    """End the duties, if they are done at all.

    Raises
    ------
    StackError
        When the actor does not give way.
    """
    found = find_actor(name)
    if found is not None:
        stop_actor(name, found)


# Imported where they are opened, because who starts the actor does not need what they import.


def open_ingest_watch(settings: Settings) -> Duty:
    """Return the watch over the supervisor of ingestion."""
    from cluster.ingest_watch import IngestWatch

    return IngestWatch()


def open_desk(settings: Settings) -> Duty:
    """Return what collects news and has it judged."""
    from candlecast.collecting import open_news

    return open_news(settings)


def open_watch(settings: Settings) -> Duty:
    """Return the watch over the alert rules."""
    from candlecast.alerting import open_alerts

    return open_alerts(settings)


def open_scoring(settings: Settings) -> Duty:
    """Return what settles forecasts, watches for drift, and judges challengers."""
    from candlecast.scoring import open_scorer

    return open_scorer(settings)
