"""How much of its container and its disks is used? Read from the kernel when asked."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

CGROUP = Path("/sys/fs/cgroup")

_GAUGES = {
    "memory_bytes": "Memory in use, without what can be given up.",
    "memory_limit_bytes": "Most memory allowed.",
}
_COUNTERS = {
    "cpu_seconds": "CPU time.",
    "throttled_seconds": "Time held back by its CPU limit.",
    "oom_kills": "Processes killed for memory.",
}
_UNLIMITED = 2.0**60


class ContainerUse(Collector):
    """CPU and memory of the container that this process runs in; nothing outside one.

    Parameters
    ----------
    folder : Path
        Where the kernel tells of the control group, version 2 or 1.
    """

    def __init__(self, folder: Path = CGROUP) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """Yield what the kernel tells; memory is told without files that it would give up first."""
        use = _version_2(self._folder) or _version_1(self._folder)
        for name, text in _GAUGES.items():
            if name in use:
                yield GaugeMetricFamily(f"candlecast_container_{name}", text, value=use[name])
        for name, text in _COUNTERS.items():
            if name in use:
                yield CounterMetricFamily(f"candlecast_container_{name}", text, value=use[name])


def _version_2(folder: Path) -> dict[str, float]:
    memory = _numbers(folder / "memory.current", "memory_bytes")
    if not memory:
        # the topmost group of a machine has no such file
        return {}
    cpu, events = _pairs(folder / "cpu.stat"), _pairs(folder / "memory.events")
    return {
        "memory_bytes": memory["memory_bytes"] - _pairs(folder / "memory.stat").get("inactive_file", 0.0),
        **_numbers(folder / "memory.max", "memory_limit_bytes"),
        "cpu_seconds": cpu.get("usage_usec", 0.0) / 1e6,
        "throttled_seconds": cpu.get("throttled_usec", 0.0) / 1e6,
        "oom_kills": events.get("oom_kill", 0.0),
    }


def _version_1(folder: Path) -> dict[str, float]:
    memory = _numbers(folder / "memory" / "memory.usage_in_bytes", "memory_bytes")
    limit = _numbers(folder / "memory" / "memory.limit_in_bytes", "memory_limit_bytes")
    if not memory or limit.get("memory_limit_bytes", _UNLIMITED) >= _UNLIMITED:
        # the whole machine looks like a container without a limit
        return {}
    stat = _pairs(folder / "memory" / "memory.stat")
    return {
        "memory_bytes": memory["memory_bytes"] - stat.get("total_inactive_file", 0.0),
        **limit,
        "cpu_seconds": _numbers(folder / "cpuacct" / "cpuacct.usage", "ns").get("ns", 0.0) / 1e9,
        "throttled_seconds": _pairs(folder / "cpu" / "cpu.stat").get("throttled_time", 0.0) / 1e9,
        "oom_kills": _pairs(folder / "memory" / "memory.oom_control").get("oom_kill", 0.0),
    }


def _numbers(file: Path, name: str) -> dict[str, float]:
    text = _text(file).strip()
    return {name: float(text)} if text.isdigit() else {}


def _pairs(file: Path) -> dict[str, float]:
    return {key: float(value) for key, value in (line.split() for line in _text(file).splitlines())}


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


class DiskUse(Collector):
    """Room on the disks of some folders.

    Parameters
    ----------
    folders : sequence of Path
        Those that are not there are left out.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders

    def collect(self) -> Iterator[Metric]:
        """Yield size and room of each disk."""
        size = GaugeMetricFamily("candlecast_disk_size_bytes", "Size of the folder's disk.", labels=["folder"])
        free = GaugeMetricFamily("candlecast_disk_free_bytes", "Room left on the folder's disk.", labels=["folder"])
        for folder in self._folders:
            if folder.is_dir():
                use = shutil.disk_usage(folder)
                size.add_metric([str(folder)], use.total)
                free.add_metric([str(folder)], use.free)
        yield from (size, free)
