from pathlib import Path

from candlecast.telemetry.pages import process_page
from candlecast.telemetry.surroundings import ContainerUse, DiskUse


def samples(page: str) -> dict[str, float]:
    return {line.split()[0]: float(line.split()[1]) for line in page.splitlines() if line[0] != "#"}


def cgroup(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(text)
    return folder


def test_container_tells_its_memory_without_what_can_be_given_up_and_its_cpu(tmp_path):
    folder = cgroup(
        tmp_path,
        memory_current="1000\n",
        memory_max="4000\n",
        memory_stat="anon 700\ninactive_file 300\n",
        memory_events="oom 1\noom_kill 1\n",
        cpu_stat="usage_usec 2500000\nthrottled_usec 500000\n",
    )

    told = samples(process_page([ContainerUse(folder)], {}))

    assert told == {
        "candlecast_container_memory_bytes": 700.0,
        "candlecast_container_memory_limit_bytes": 4_000.0,
        "candlecast_container_cpu_seconds_total": 2.5,
        "candlecast_container_throttled_seconds_total": 0.5,
        "candlecast_container_oom_kills_total": 1.0,
    }


def test_container_without_a_limit_tells_none(tmp_path):
    told = samples(process_page([ContainerUse(cgroup(tmp_path, memory_current="1000\n", memory_max="max\n"))], {}))

    assert told == {"candlecast_container_memory_bytes": 1_000.0}


def test_container_of_an_older_kernel_tells_the_same(tmp_path):
    files = {
        "memory/memory.usage_in_bytes": "1000\n",
        "memory/memory.limit_in_bytes": "4000\n",
        "memory/memory.stat": "total_inactive_file 300\n",
        "memory/memory.oom_control": "oom_kill 1\n",
        "cpuacct/cpuacct.usage": "2500000000\n",
        "cpu/cpu.stat": "throttled_time 500000000\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    told = samples(process_page([ContainerUse(tmp_path)], {}))

    assert (told["candlecast_container_memory_bytes"], told["candlecast_container_memory_limit_bytes"]) == (700, 4_000)
    assert told["candlecast_container_cpu_seconds_total"] == 2.5
    assert told["candlecast_container_throttled_seconds_total"] == 0.5
    assert told["candlecast_container_oom_kills_total"] == 1


def test_machine_with_an_older_kernel_is_no_container(tmp_path):
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.usage_in_bytes").write_text("1000\n")
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("9223372036854771712\n")

    assert process_page([ContainerUse(tmp_path)], {}) == ""


def test_process_outside_a_container_tells_nothing_of_one(tmp_path):
    assert process_page([ContainerUse(tmp_path)], {}) == ""


def test_disk_of_a_folder_is_told_and_a_folder_that_is_not_there_left_out(tmp_path):
    told = samples(process_page([DiskUse([tmp_path, tmp_path / "none"])], {}))

    assert set(told) == {
        f'candlecast_disk_size_bytes{{folder="{tmp_path}"}}',
        f'candlecast_disk_free_bytes{{folder="{tmp_path}"}}',
    }
    assert all(value > 0 for value in told.values())
