"""What does Serve count? The figures of all its replicas, read from every node of the cluster."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import httpx2
import ray

_TIMEOUT_S = 2.0
# Ray puts its own prefix before Serve's figures and before those of applications
_WANTED = ("ray_serve_", "ray_candlecast_")


async def serve_metrics() -> str:
    """Return Serve's figures as Prometheus text, and for each node whether it answered; "" without a cluster."""
    addresses = await asyncio.to_thread(_addresses)
    if not addresses:
        return ""
    # no proxy of the environment stands between the nodes
    async with httpx2.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
        pages = await asyncio.gather(*(_page(client, address) for address in addresses))
    return merged(dict(zip(addresses, pages, strict=True)))


def merged(pages: Mapping[str, str | None]) -> str:
    """Join the pages of many nodes into one: each figure is described once, its samples follow.

    Parameters
    ----------
    pages : mapping of str to str or None
        Prometheus text by the node's address; None: it did not answer.
    """
    families: dict[str, tuple[list[str], list[str]]] = {}
    for page in pages.values():
        _collect((page or "").splitlines(), families)
    lines = ["# HELP candlecast_node_up Whether a node told its figures.", "# TYPE candlecast_node_up gauge"]
    lines += [f'candlecast_node_up{{node="{name}"}} {float(page is not None)}' for name, page in pages.items()]
    for described, samples in families.values():
        lines += described + samples
    return "\n".join(lines) + "\n"


def _collect(lines: Iterable[str], families: dict[str, tuple[list[str], list[str]]]) -> None:
    family = ""
    for line in lines:
        if line.startswith("# "):
            _, kind, family, *_ = [*line.split(" ", 3), ""]
            if family.startswith(_WANTED):
                described, _ = families.setdefault(family, ([], []))
                if not any(known.startswith(f"# {kind} ") for known in described):
                    described.append(line)
        elif family in families:
            families[family][1].append(line)


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
