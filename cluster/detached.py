"""Actors that outlive the job that made them: found by their name, told apart by their version."""

import time
from contextlib import suppress
from typing import Any

import ray
from ray.exceptions import RayError

from candlecast.errors import StackError

CALL_TIMEOUT_S = 10.0


def find_actor(name: str) -> Any:
    """Return the handle of the actor that is called `name`, None when there is none."""
    try:
        return ray.get_actor(name)
    except ValueError:
        return None


def version_of(actor: Any) -> str | None:
    """Return the version that an actor tells, None when it is dead, hangs, or cannot say."""
    try:
        return str(ray.get(actor.version.remote(), timeout=CALL_TIMEOUT_S))
    except RayError:
        return None


def stop_actor(name: str, actor: Any) -> None:
    """Let an actor close what it holds, end it for good, and wait until its name is free.

    Raises
    ------
    StackError
        When the cluster still knows it after a while.
    """
    with suppress(RayError):
        ray.get(actor.stop.remote(), timeout=CALL_TIMEOUT_S)
    ray.kill(actor)
    deadline_s = time.monotonic() + CALL_TIMEOUT_S
    while find_actor(name) is not None:
        if time.monotonic() > deadline_s:
            raise StackError(f"the earlier {name} did not end within {CALL_TIMEOUT_S:.0f} s")
        time.sleep(0.05)
