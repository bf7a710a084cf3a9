import os

import pytest

from benchmarks.soak.processes import RAY, group_of, held_by


@pytest.mark.parametrize(
    ("command", "group"),
    [
        ("ray::ServeReplica:candlecast:ApiDeployment.handle_request_with_rejection", "api"),
        ("ray::SERVE_REPLICA::candlecast#ForecasterDeployment#das9:ServeReplica:candlecast", "forecaster"),
        ("ray::IngestActor.follow", "ingest actor"),
        ("ray::SupervisorActor", "supervisor"),
        ("ray::DutiesActor", "duties"),
        ("ray::train_step", "worker"),
        ("ray::JobSupervisor", "job"),
        ("/bin/sh -c python -m jobs.train", "job"),
        ("/venv/bin/postgres -D /tmp/stack/postgres/data -p 27432", "postgres"),
        ("/venv/bin/valkey-server 127.0.0.1:27378", "redis"),
        ("/venv/bin/haproxy -db -f /tmp/h/haproxy.cfg", "haproxy"),
        ("/venv/bin/python -m candlecast.replay --data=x", "replay"),
        ("/venv/bin/python -m ui", "page"),
        ("/venv/bin/python /venv/bin/candlecast run --source recorded", "run"),
        ("/venv/ray/core/src/ray/raylet/raylet --raylet_socket_name=x", RAY),
        ("ray-dashboard-JobHead-0 (python -c ...)", RAY),
    ],
)
def test_group_of_a_command_line(command, group):
    assert group_of(command) == group


def test_held_by_this_process_is_something():
    held = held_by(os.getpid(), "tests")

    assert held.group == "tests"
    assert held.memory_bytes > 1_000_000
    assert held.n_files > 0
    assert held.n_threads > 0


def test_held_by_nobody_is_nothing():
    assert held_by(2**22 + 1, "tests") is None
