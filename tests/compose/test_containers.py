"""How are the containers kept: states, rights, memory?"""

from tests.compose.figures import Figures
from tests.compose.stack import ComposeStack, service_of

ALL_MOST_MB = 3_500
# each of some thirty Python processes takes 50 to 250 MB, which differs with what it has done so far
SLACK = 1.25
RUNNING = {"postgres", "redis", "replay", "ray-head", "ray-serve", "ray-train", "ingest", "scheduler", "ui", "edge"}
ONCE = {"certificates", "migrate", "deploy"}


def test_started_stack_runs_every_service_and_its_one_shots_ended_well(stack: ComposeStack):
    states = {service_of(one): one["State"] for one in stack.containers(stopped=True)}

    assert {name for name, state in states.items() if state["Running"]} == RUNNING
    assert {name for name, state in states.items() if not state["Running"] and state["ExitCode"] == 0} == ONCE
    assert {name for name in RUNNING if states[name].get("Health", {}).get("Status") != "healthy"} == set()


def test_containers_run_without_root_rights_or_a_writable_root(stack: ComposeStack):
    for container in stack.containers():
        service = service_of(container)
        status = stack.run_in(service, "grep", "-E", "^(Uid|CapEff|NoNewPrivs):", "/proc/1/status").split()
        assert "0" not in status[1:5], f"{service} runs as root"
        assert status[status.index("CapEff:") + 1] == "0" * 16
        assert status[status.index("NoNewPrivs:") + 1] == "1"


def test_containers_and_one_shots_are_hardened(stack: ComposeStack):
    for container in stack.containers(stopped=True):
        service, host = service_of(container), container["HostConfig"]
        assert container["Config"]["User"] not in ("", "0", "root"), f"{service} runs as root"
        assert host["ReadonlyRootfs"], f"{service} can write to its image"
        assert host["CapDrop"] == ["ALL"], service
        assert not host["CapAdd"], service
        assert not host["Privileged"], service
        assert host["Memory"] > 0, f"{service} has no limit of memory"


def test_memory_of_all_containers_together_is_bounded(stack: ComposeStack, figures: Figures):
    used = stack.memory_mb()
    for container in stack.containers():
        name, limit_mb = container["Name"].removeprefix(f"/{stack.project}-"), container["HostConfig"]["Memory"] / 1e6
        figures.note(f"memory of {name}", f"{used[name]:8.0f} MB of {limit_mb:.0f}")

    given_up = sum(active_file_mb(stack, service_of(container)) for container in stack.containers())
    figures.note("of it files that the kernel gives up when asked", f"{given_up:8.0f} MB")
    figures.bound("memory of all containers", sum(used.values()), most=ALL_MOST_MB, unit="MB", slack=SLACK)


def active_file_mb(stack: ComposeStack, service: str) -> float:
    """Return how much of what Docker counts as used by a container are files read lately."""
    told = stack.run_in(service, "sh", "-c", "cat /sys/fs/cgroup/memory.stat /sys/fs/cgroup/memory/memory.stat; true")
    pairs = dict(line.split(" ", 1) for line in told.splitlines())
    return float(pairs.get("total_active_file") or pairs["active_file"]) / 1e6
