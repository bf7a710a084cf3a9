"""Which ports the stack on one machine uses, and whether they are free."""

from dataclasses import dataclass

from candlecast.errors import StackError
from candlecast.storage.process import port_is_free

# all below 32,768: those above are lent to outgoing connections, which would now and then sit on one of ours
_DEFAULTS = {
    "ui": 7860,
    "serve": 8000,
    "dashboard": 8265,
    "replay": 8270,
    "haproxy_stats": 8404,
    "fallback_http": 8500,
    "haproxy_metrics": 9101,
    "fallback_grpc": 9500,
    "ray_client": 10_001,
    "worker_first": 11_000,
    "worker_last": 11_099,
    "replica_first": 30_000,
    "replica_last": 30_049,
    "gcs": 27_379,
    "node_manager": 27_380,
    "object_manager": 27_381,
    "agent_http": 27_382,
    "agent_grpc": 27_383,
    "runtime_env_agent": 27_384,
    "ray_metrics": 27_385,
    "postgres": 27_432,
    "redis": 27_378,
}
_RANGES = ("worker_first", "worker_last", "replica_first", "replica_last")


@dataclass(frozen=True, slots=True)
class Ports:
    """The port of each part, shifted by one offset so that a second stack fits beside the first."""

    offset: int = 0

    def of(self, part: str) -> int:
        """Return the port of `part`, a key of the table above."""
        return _DEFAULTS[part] + self.offset

    def url(self, part: str) -> str:
        """Return the loopback HTTP address of `part`."""
        return f"http://127.0.0.1:{self.of(part)}"


def taken_ports(ports: Ports) -> dict[str, int]:
    """Return the fixed ports that somebody listens on, by the part that needs them."""
    fixed = {part: ports.of(part) for part in _DEFAULTS if part not in _RANGES}
    return {part: port for part, port in fixed.items() if not port_is_free(port)}


def require_free_ports(ports: Ports) -> None:
    """Bind-test every fixed port of the stack.

    A taken port makes Ray wait for ever without a word, so it is found here first.

    Raises
    ------
    StackError
        Naming each taken port, its part, and the way to another set of ports.
    """
    if taken := taken_ports(ports):
        named = ", ".join(f"{port} ({part})" for part, port in taken.items())
        raise StackError(
            f"port {named} on 127.0.0.1 is taken by another program; stop it, "
            "or shift all ports of this stack with --port-offset 100"
        )
