"""Figures for Prometheus, over all replicas, processes and nodes."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from serve.api.services import ServicesDep

router = APIRouter(tags=["health"])


@router.get("/metrics", summary="Prometheus text, over all replicas", response_class=Response)
async def metrics(services: ServicesDep) -> Response:
    """Return how the stores stand, and what all processes, Serve and the nodes of the cluster count."""
    return Response(await services.metrics.text(services.reading), media_type=CONTENT_TYPE_LATEST)
