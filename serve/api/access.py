"""What every route behind `/v1` depends on: a key that may read, or one that may change things."""

from fastapi import Depends, Request

from serve.api.gate import Caller
from serve.api.services import ServicesDep


async def reader(request: Request, services: ServicesDep) -> Caller:
    """Return who asks, if it may read; counts the request."""
    return await services.access.admit(request)


async def admin(request: Request, services: ServicesDep) -> Caller:
    """Return who asks, if it may change what serves."""
    return await services.access.admit_admin(request)


READ = Depends(reader)
ADMIN = Depends(admin)
