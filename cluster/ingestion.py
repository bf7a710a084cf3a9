"""Starting, finding, describing and stopping the ingestion that lives on the cluster."""

from hashlib import sha256
from typing import Any

import ray
from ray.exceptions import RayError

from candlecast.bootstrap import Market, open_market
from candlecast.errors import StackError
from candlecast.market.symbols import Symbol
from candlecast.settings import Settings
from cluster.actors.shards import n_actors_for
from cluster.actors.supervisor import ActorState, IngestPlan, SupervisorActor
from cluster.code_version import code_version
from cluster.detached import find_actor, stop_actor, version_of
from cluster.environment import settings_environment
from cluster.ingest_share import reserve_share, wait_for_share
from cluster.resources import LASTING_ACTOR, SUPERVISOR

_BEGIN_TIMEOUT_S = 90.0


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
        stop_actor(SUPERVISOR, found)
    wait_for_share(reserve_share(plan.n_actors))
    return SupervisorActor.options(name=SUPERVISOR, get_if_exists=True, **LASTING_ACTOR).remote(plan)


def await_ingestion(supervisor: Any) -> str:
    """Wait for the first answer of a supervisor and return how its crew is, as `describe` says it.

    Parameters
    ----------
    supervisor : actor handle
        As returned by `start_ingestion`.

    Raises
    ------
    StackError
        When it ends or stays silent.
    """
    try:
        return describe(ray.get(supervisor.status.remote(), timeout=_BEGIN_TIMEOUT_S))
    except RayError as error:
        reason = str(error).strip().splitlines()[-1]
        raise StackError(f"the supervisor of ingestion does not answer: {reason}") from error


def stop_ingestion() -> None:
    """Close the actors and end the supervisor for good, if there is one; wait until its name is free.

    Raises
    ------
    StackError
        When the cluster still knows it after a while.
    """
    found = find_actor(SUPERVISOR)
    if found is not None:
        stop_actor(SUPERVISOR, found)


def describe(crew: list[ActorState]) -> str:
    """Return one line on how ingestion is."""
    n_symbols = len({name for state in crew for name in state.symbols})
    working = sum(state.pid is not None for state in crew)
    losses = sum(state.n_losses for state in crew)
    replaced = f"; {losses} replaced so far" if losses else ""
    return f"{working} of {len(crew)} ingest actors follow {n_symbols} symbols{replaced}"
