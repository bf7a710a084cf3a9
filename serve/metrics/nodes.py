"""What do Ray and Serve count? The figures of all nodes and replicas, read from every node of the cluster."""

import asyncio
import re
from collections.abc import Mapping, Sequence

import httpx2
import ray

from serve.metrics.text import join_pages

_TIMEOUT_S = 2.0
# of some hundred kilobytes a node, most are about Ray's own workings
WANTED = (
    *("ray_serve_num_http_requests", "ray_serve_http_request_latency_ms", "ray_serve_num_http_error_requests"),
    *("ray_serve_deployment_processing_latency_ms", "ray_serve_deployment_queued_queries"),
    *("ray_serve_replica_processing_queries", "ray_serve_replica_utilization_percent"),
    *("ray_serve_deployment_replica_healthy", "ray_serve_deployment_replica_starts"),
    *("ray_node_cpu_count", "ray_node_cpu_utilization", "ray_node_mem_total", "ray_node_mem_used"),
    *("ray_node_disk_free", "ray_node_disk_utilization_percentage"),
    *("ray_component_cpu_percentage", "ray_component_rss_mb"),
)
# the same on every sample of a node
_NOISE = re.compile(r'(?:otel_scope_\w+|SessionName|Version)="[^"]*",?')


async def node_pages() -> dict[str, str | None]:
    """Return Prometheus text by the address of each node, None for one that does not answer; {} without a cluster."""
    addresses = await asyncio.to_thread(_addresses)
    if not addresses:
        return {}
    # no proxy of the environment stands between the nodes
    async with httpx2.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
        pages = await asyncio.gather(*(_page(client, address) for address in addresses))
    return dict(zip(addresses, pages, strict=True))


def nodes_text(pages: Mapping[str, str | None]) -> str:
    """Return the pages of many nodes as one, and for each node whether it answered; "" without a cluster.

    Parameters
    ----------
    pages : mapping of str to str or None
        Prometheus text by the node's address; None: it did not answer.
    """
    if not pages:
        return ""
    lines = ["# HELP candlecast_node_up Whether a node told its figures.", "# TYPE candlecast_node_up gauge"]
    lines += [f'candlecast_node_up{{node="{name}"}} {float(page is not None)}' for name, page in pages.items()]
    joined = join_pages((page or "" for page in pages.values()), wanted=WANTED)
    return "\n".join(lines) + "\n" + _NOISE.sub("", joined).replace(",}", "}")


async def _page(client: httpx2.AsyncClient, address: str) -> str | None:
    try:
        answer = await client.get(f"http://{address}/metrics")
    except httpx2.TransportError:
        return None
    return answer.text if answer.is_success else None


def _addresses() -> Sequence[str]:
    if not ray.is_initialized():
        return []
    return [f"{node['NodeManagerAddress']}:{node['MetricsExportPort']}" for node in ray.nodes() if node["Alive"]]
