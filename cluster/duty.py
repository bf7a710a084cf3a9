"""Starting and stopping what the cluster does for ever, one actor a duty."""

from hashlib import sha256
from typing import Any

from candlecast.settings import Settings
from cluster.actors.duty import DutyActor, DutyMaker
from cluster.code_version import code_version
from cluster.detached import find_actor, stop_actor, version_of
from cluster.environment import settings_environment
from cluster.resources import LASTING_ACTOR


def start_duty(name: str, settings: Settings, *, make_duty: DutyMaker, delay_s: float = 0.0) -> Any:
    """Return the handle of the actor that does a duty as `settings` say: the one that does, else a new one.

    Parameters
    ----------
    name : str
        Of the actor.
    settings : Settings
        For the duty.
    make_duty : callable
        Makes what the actor runs.
    delay_s : float
        Wall seconds that a new one waits before it begins.

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
    options = DutyActor.options(name=name, get_if_exists=True, **LASTING_ACTOR)
    return options.remote(settings, version, make_duty, name=name, delay_s=delay_s)


def stop_duty(name: str) -> None:
    """End a duty, if it is done at all.

    Raises
    ------
    StackError
        When the actor does not give way.
    """
    found = find_actor(name)
    if found is not None:
        stop_actor(name, found)
