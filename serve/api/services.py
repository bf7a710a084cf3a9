"""What the routes work with, and how they find it."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends
from ray import serve
from ray.serve.handle import DeploymentHandle

from candlecast.reading import Reading


@dataclass(frozen=True, slots=True)
class Services:
    """Readers and handles behind the routes."""

    reading: Reading
    forecaster: DeploymentHandle
    sentiment: DeploymentHandle


def current() -> Services:
    """Return the services of this replica; tests override this dependency."""
    return cast("Services", serve.get_replica_context().servable_object.services)


ServicesDep = Annotated[Services, Depends(current)]
