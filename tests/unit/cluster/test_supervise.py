"""Does one job of a name run at a time, and does a watched job end with its watcher?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from cluster.supervise import follow, keep_running


@dataclass
class FakeCluster:
    """Remembers what was asked of it; a stopped job of another owner ends after two more questions."""

    earlier: list[str] = field(default_factory=list)
    ends_after: int = 2
    calls: list[str] = field(default_factory=list)

    def running(self, prefix: str) -> list[str]:
        if self.calls and self.ends_after == 0:
            self.earlier = []
        self.ends_after -= bool(self.calls)
        return list(self.earlier)

    def submit(self, entrypoint: str, *, submission_id: str | None = None) -> str:
        assert self.earlier == [], "an earlier job still runs"
        self.calls.append("submit")
        return submission_id or "job"

    def status(self, job_id: str) -> str:
        return "RUNNING"

    def stop(self, job_id: str) -> None:
        self.calls.append(f"stop {job_id}")

    def exit_code(self, job_id: str) -> int:
        return 0

    async def logs(self, job_id: str) -> AsyncIterator[str]:
        yield "first line"
        raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr("cluster.supervise.time.sleep", lambda seconds: None)


def test_keep_running_waits_for_the_end_of_an_earlier_job_before_it_submits():
    cluster, answers = FakeCluster(earlier=["ingest-1"]), iter([False, False, True])

    keep_running(cluster, "true", name="ingest", stopped=lambda: next(answers, True))

    assert cluster.calls[:2] == ["stop ingest-1", "submit"]
    assert cluster.calls[-1].startswith("stop ingest-")


def test_follow_interrupted_by_ctrl_c_stops_the_job():
    cluster, shown = FakeCluster(), []

    with pytest.raises(KeyboardInterrupt):
        follow(cluster, "true", show=shown.append)

    assert shown == ["job job", "first line"]
    assert cluster.calls == ["submit", "stop job"]
