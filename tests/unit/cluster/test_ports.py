"""Are taken ports named before anything waits for them?"""

import socket

import pytest

from candlecast.errors import StackError
from cluster.ports import Ports, require_free_ports

OFFSET = 1_731


def test_require_free_ports_with_taken_port_names_port_part_and_remedy():
    ports = Ports(OFFSET)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports.of("dashboard")))
        taken.listen()

        with pytest.raises(StackError, match=rf"{ports.of('dashboard')} \(dashboard\).*--port-offset"):
            require_free_ports(ports)


def test_ports_with_offset_never_meet_those_without():
    shifted = {Ports(100).of(part) for part in ("ui", "serve", "dashboard", "postgres", "redis", "gcs")}
    plain = {Ports().of(part) for part in ("ui", "serve", "dashboard", "postgres", "redis", "gcs")}

    assert shifted.isdisjoint(plain)


def test_ports_even_shifted_are_never_lent_to_outgoing_connections():
    lent_from = 32_768
    parts = ("gcs", "runtime_env_agent", "postgres", "redis", "worker_last", "replica_last")

    assert max(Ports(2_000).of(part) for part in parts) < lent_from


def test_ports_default_are_those_of_the_documentation():
    assert [Ports().url(part) for part in ("serve", "ui", "dashboard")] == [
        "http://127.0.0.1:8000",
        "http://127.0.0.1:7860",
        "http://127.0.0.1:8265",
    ]
