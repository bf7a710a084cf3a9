"""Starting, finding, watching and stopping the ingestion that lives on the cluster."""

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import ray
from ray.exceptions import ActorDiedError, RayError

from candlecast.bootstrap import Market, open_market
from candlecast.errors import StackError
from candlecast.market.candles import Symbol
from candlecast.settings import Settings
from cluster.actors.shards import n_actors_for
from cluster.actors.supervisor import ActorState, IngestPlan, SupervisorActor
from cluster.code_version import code_version
from cluster.detached import CALL_TIMEOUT_S, find_actor, stop_actor, version_of
from cluster.environment import settings_environment
from cluster.ingest_share import reserve_share, wait_for_share
from cluster.resources import LASTING_ACTOR

SUPERVISOR = "ingest-supervisor"

_SILENT_S = 90.0
_WATCH_INTERVAL_S = 2.0


def book_share(settings: Settings, market: Market | None = None) -> None:
    """Book the CPUs of ingestion before others are booked; `settings` name all that is followed."""
    n_symbols = len((market or open_market(settings)).symbols)
    reserve_share(n_actors_for(n_symbols, settings.ingest.symbols_per_actor))


def plan_ingestion(settings: Settings, symbols: tuple[Symbol, ...]) -> IngestPlan:
    """Return what the supervisor shall keep going; its version is a digest of settings and code."""
    n_actors = n_actors_for(len(symbols), settings.ingest.symbols_per_actor)
    said = repr((sorted(settings_environment(settings).items()), symbols, code_version()))
    return IngestPlan(settings, symbols, n_actors, version=sha256(said.encode()).hexdigest()[:16])


def start_ingestion(plan: IngestPlan) -> Any:
    """Return the handle of a supervisor that keeps `plan` going: the one that does, else a new one.

    A supervisor of another version is stopped first, its actors closed.

    Parameters
    ----------
    plan : IngestPlan
        Wanted symbols, settings and version.

    Raises
    ------
    StackError
        When no node can hold the actors, or an earlier supervisor does not give way.
    """
    found = find_actor(SUPERVISOR)
    if found is not None and version_of(found) == plan.version:
        return found
    if found is not None:
        stop_ingestion(found)
    wait_for_share(reserve_share(plan.n_actors))
    return SupervisorActor.options(name=SUPERVISOR, get_if_exists=True, **LASTING_ACTOR).remote(plan)


def watch_ingestion(supervisor: Any, *, say: Callable[[str], None]) -> None:
    """Report what changes on one line each; returns only by an error.

    Parameters
    ----------
    supervisor : actor handle
        As returned by `start_ingestion`.
    say : callable
        Receives the lines.

    Raises
    ------
    StackError
        When the supervisor is gone, or silent for long.
    """
    told, heard_s = "", time.monotonic()
    while time.monotonic() - heard_s < _SILENT_S:
        try:
            line = describe(ray.get(supervisor.status.remote(), timeout=CALL_TIMEOUT_S))
        except ActorDiedError as error:
            raise StackError("the supervisor of ingestion is gone") from error
        except RayError:
            # it is being restarted, or busy
            line = told
        else:
            heard_s = time.monotonic()
        if line != told:
            say(line)
        told = line
        time.sleep(_WATCH_INTERVAL_S)
    raise StackError(f"the supervisor of ingestion did not answer for {_SILENT_S:.0f} s")


def stop_ingestion(supervisor: Any) -> None:
    """Close the actors, end the supervisor for good and wait until its name is free.

    Raises
    ------
    StackError
        When the cluster still knows it after a while.
    """
    stop_actor(SUPERVISOR, supervisor)


def describe(crew: list[ActorState]) -> str:
    """Return one line on how ingestion is."""
    n_symbols = len({name for state in crew for name in state.symbols})
    working = sum(state.pid is not None for state in crew)
    losses = sum(state.n_losses for state in crew)
    replaced = f"; {losses} replaced so far" if losses else ""
    return f"{working} of {len(crew)} ingest actors follow {n_symbols} symbols{replaced}"
