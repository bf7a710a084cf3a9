"""Who can reach what? From this machine, from a network of somebody else's, from the page, and without a secret."""

import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.compose.stack import ComposeStack, service_of

_OUTSIDER = Path(__file__).with_name("outsider.py").read_text()
_LISTENING = "cat /proc/net/tcp /proc/net/tcp6"


def listening_ports(stack: ComposeStack, service: str) -> set[int]:
    """Return the ports that any process of a container listens on, those for itself alone left out."""
    rows = [line.split() for line in stack.run_in(service, "sh", "-c", _LISTENING).splitlines() if "0A" in line.split()]
    addresses = [row[1].split(":") for row in rows if row[3] == "0A"]
    return {int(port, 16) for host, port in addresses if not host.endswith("0100007F")}


def doors(stack: ComposeStack) -> dict[tuple[str, int], str]:
    """Return the service behind every address and port at which any container listens."""
    found = {}
    for container in stack.containers():
        service = service_of(container)
        ports = listening_ports(stack, service)
        for network in container["NetworkSettings"]["Networks"].values():
            found |= {(network["IPAddress"], port): service for port in ports}
    return found


@pytest.fixture
def outside(stack: ComposeStack) -> Iterator[str]:
    """Return a network that is none of the stack's."""
    name = f"{stack.project}-outside"
    subprocess.run(["docker", "network", "create", name], check=True, capture_output=True)
    yield name
    subprocess.run(["docker", "network", "rm", name], check=True, capture_output=True)


def opened(command: list[str], wanted: list[tuple[str, int]]) -> list[tuple[str, int]]:
    answer = subprocess.run(command, input=json.dumps(wanted), capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr
    return [(host, port) for host, port in json.loads(answer.stdout)]


def test_ports_are_published_by_edge_page_and_dashboard_alone_and_on_loopback(stack: ComposeStack):
    published = {}
    for container in stack.containers():
        for bindings in filter(None, container["NetworkSettings"]["Ports"].values()):
            published.setdefault(service_of(container), set()).update(
                (found["HostIp"], int(found["HostPort"])) for found in bindings
            )

    wanted = {"edge": "api", "ui": "ui", "ray-head": "dashboard"}
    assert published == {name: {("127.0.0.1", stack.ports[part])} for name, part in wanted.items()}


def test_this_machine_reaches_what_is_published_but_not_by_its_other_addresses(stack: ComposeStack):
    for port in stack.ports.values():
        socket.create_connection(("127.0.0.1", port), timeout=3).close()
        with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
            socket.create_connection((own_address(), port), timeout=3)


def test_container_on_a_network_of_its_own_reaches_nothing(stack: ComposeStack, outside: str):
    behind = doors(stack)
    gateways = [(own_address(), port) for port in stack.ports.values()]
    image = next(one["Config"]["Image"] for one in stack.containers("ui"))

    run = ["docker", "run", "--rm", "-i", "--network", outside, "--entrypoint", "python", image, "-c", _OUTSIDER]
    reached = opened(run, [*behind, *gateways])

    assert {"postgres", "redis", "ray-head", "ray-serve", "edge"} <= set(behind.values())
    assert [(behind.get(door), door) for door in reached] == []


def test_page_reaches_the_edge_and_nothing_else(stack: ComposeStack):
    behind = {door: service for door, service in doors(stack).items() if service != "ui"}

    answer = stack.run_in("ui", "python", "-c", _OUTSIDER, input=json.dumps(list(behind)))

    assert {behind[host, port] for host, port in json.loads(answer)} == {"edge"}


def test_api_asked_without_its_key_is_closed(stack: ComposeStack):
    trust = stack.trust()

    assert httpx2.get(stack.url("api") + "/v1/symbols", timeout=30, verify=trust).status_code == 401
    assert httpx2.get(stack.url("api") + "/healthz", timeout=30, verify=trust).status_code == 200


def test_api_asked_without_tls_or_by_a_stranger_to_its_authority_does_not_answer(stack: ComposeStack):
    plain = stack.url("api").replace("https:", "http:")

    with pytest.raises(httpx2.TransportError):
        httpx2.get(plain + "/healthz", timeout=10).raise_for_status()
    with pytest.raises(httpx2.ConnectError, match=r"(?i)certificate"):
        httpx2.get(stack.url("api") + "/healthz", timeout=10)


def test_figures_of_the_api_are_not_for_the_outside(stack: ComposeStack):
    assert httpx2.get(stack.url("api") + "/metrics", timeout=30, verify=stack.trust()).status_code in (403, 404)


@pytest.mark.parametrize(("headers", "status"), [({}, 401), ({"Authorization": "Bearer " + 64 * "0"}, 403)])
def test_job_submitted_without_the_token_is_refused(stack: ComposeStack, headers: dict[str, str], status: int):
    answer = httpx2.post(
        f"{stack.url('dashboard')}/api/jobs/", json={"entrypoint": "echo no"}, headers=headers, timeout=30
    )

    assert answer.status_code == status


@pytest.mark.parametrize(("mode", "told"), [("disable", "no encryption"), ("require", "connected")])
def test_database_asked_without_tls_refuses(stack: ComposeStack, mode: str, told: str):
    script = (
        "import psycopg2; from candlecast.settings import Settings\n"
        "url = Settings().database.url.get_secret_value()\n"
        f"try: psycopg2.connect(url, sslmode={mode!r}); print('connected')\n"
        "except psycopg2.OperationalError as error: print(error)"
    )

    answer = stack.run_in("ray-head", "python", "-c", script)

    assert told in answer


def own_address() -> str:
    """Return the address at which this machine is seen by others."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
