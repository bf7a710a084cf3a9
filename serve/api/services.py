"""What the routes work with, and how they find it."""

from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request
from ray import serve
from ray.serve.handle import DeploymentHandle
from starlette.types import Scope

from candlecast.forecasts.known import Answer
from candlecast.reading import Reading
from candlecast.storage.cache import Series
from serve.access_log import AccessLog
from serve.api.gate import OPEN_GATE, Gate
from serve.event_hub import EventHub, silent_hub
from serve.metrics.page import MetricsPage
from serve.request_ids import request_id


@dataclass(frozen=True, slots=True)
class Services:
    """Readers and handles behind the routes."""

    reading: Reading
    forecaster: DeploymentHandle
    sentiment: DeploymentHandle
    access: Gate = OPEN_GATE
    hub: EventHub = field(default_factory=silent_hub)
    metrics: MetricsPage = field(default_factory=MetricsPage)
    access_log: AccessLog | None = None

    async def ask_forecaster(self, wanted: list[Series]) -> list[Answer]:
        """Have forecasts made that are not known here; each is the encoded forecast or its problem."""
        answers: list[Answer] = await self.forecaster.answers.remote(wanted, request_id())
        return answers


def current() -> Services:
    """Return the services of this replica; tests override this dependency."""
    return cast("Services", serve.get_replica_context().servable_object.services)


def services_of(scope: Scope) -> Services:
    """Return the services that a request is answered with."""
    return cast("Services", scope["app"].dependency_overrides.get(current, current)())


async def _services(request: Request) -> Services:
    # a dependency that is no coroutine would cost each request a thread
    return services_of(request.scope)


ServicesDep = Annotated[Services, Depends(_services)]
