"""Starting and stopping the collection of news that lives on the cluster."""

from hashlib import sha256
from typing import Any

from candlecast.settings import Settings
from cluster.actors.news import DeskMaker, NewsActor, open_desk
from cluster.code_version import code_version
from cluster.detached import find_actor, stop_actor, version_of
from cluster.environment import settings_environment
from cluster.resources import NEWS_ACTOR

NEWS = "news-desk"


def start_news(settings: Settings, *, make_desk: DeskMaker = open_desk) -> Any:
    """Return the handle of the actor that collects news as `settings` say: the one that does, else a new one.

    Parameters
    ----------
    settings : Settings
        Feeds, engine, stores.
    make_desk : callable
        Makes what the actor runs.

    Raises
    ------
    StackError
        When an earlier one does not give way.
    """
    version = sha256(repr((sorted(settings_environment(settings).items()), code_version())).encode()).hexdigest()[:16]
    found = find_actor(NEWS)
    if found is not None and version_of(found) == version:
        return found
    if found is not None:
        stop_actor(NEWS, found)
    return NewsActor.options(name=NEWS, get_if_exists=True, **NEWS_ACTOR).remote(settings, version, make_desk)


def stop_news() -> None:
    """End the collection of news, if it runs.

    Raises
    ------
    StackError
        When the actor does not give way.
    """
    found = find_actor(NEWS)
    if found is not None:
        stop_actor(NEWS, found)
