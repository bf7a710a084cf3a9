"""Is ingestion begun once, begun again when it is gone, and stopped with who keeps it going?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from cluster.resources import DUTIES, SUPERVISOR
from cluster.supervise import INGEST, follow, keep_ingesting


@dataclass
class FakeCluster:
    """Remembers what was asked of it; a job ends as told, and one that succeeds brings the actors.

    `earlier` jobs of another owner end after as many questions as there are.
    """

    earlier: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=lambda: ["SUCCEEDED"])
    calls: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    def running(self, prefix: str) -> list[str]:
        return [self.earlier.pop()] if self.earlier else []

    def submit(self, entrypoint: str, *, submission_id: str | None = None) -> str:
        assert self.earlier == [], "an earlier job still runs"
        self.calls.append(entrypoint)
        return submission_id or "job"

    def status(self, job_id: str) -> str:
        end = self.ends.pop(0) if len(self.ends) > 1 else self.ends[0]
        if end == "SUCCEEDED":
            self.known = {SUPERVISOR, DUTIES, "another"}
        return end

    def actors(self) -> set[str]:
        return self.known

    def last_line(self, job_id: str) -> str:
        return "no database"

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


def looks(n: int):
    """Return what says no `n` times and then yes."""
    answers = iter([False] * n)
    return lambda: next(answers, True)


def test_ingestion_that_goes_on_is_begun_once_after_earlier_jobs_have_ended():
    cluster = FakeCluster(earlier=["ingest-1", "ingest-2"], ends=["PENDING", "RUNNING", "SUCCEEDED"])

    keep_ingesting(cluster, stopped=looks(9))

    assert cluster.calls == [INGEST]


@pytest.mark.parametrize("gone", [SUPERVISOR, DUTIES])
def test_ingestion_of_which_an_actor_is_gone_is_begun_again(gone):
    cluster = FakeCluster()
    keep_ingesting(cluster, stopped=looks(3))

    cluster.known -= {gone}
    keep_ingesting(cluster, stopped=looks(3))

    assert cluster.calls == [INGEST, INGEST]


def test_ingestion_whose_job_fails_is_tried_again():
    cluster = FakeCluster(ends=["FAILED", "STOPPED", "SUCCEEDED"])

    keep_ingesting(cluster, f"{INGEST} --symbols=BTC/USDT", stopped=looks(9))

    assert cluster.calls == [f"{INGEST} --symbols=BTC/USDT"] * 3


def test_ingestion_whose_keeper_is_interrupted_is_stopped():
    cluster = FakeCluster()

    def interrupt() -> bool:
        if cluster.calls:
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        keep_ingesting(cluster, stopped=interrupt)

    assert cluster.calls == [INGEST, f"{INGEST} --stop"]


def test_follow_interrupted_by_ctrl_c_stops_the_job():
    cluster, shown = FakeCluster(), []

    with pytest.raises(KeyboardInterrupt):
        follow(cluster, "true", show=shown.append)

    assert shown == ["job job", "first line"]
    assert cluster.calls == ["true", "stop job"]
