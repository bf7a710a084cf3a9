"""Is what a job prints of its progress read again from its log?"""

from candlecast.job_progress import JobProgress


def test_progress_is_read_from_its_own_line():
    said = JobProgress(done=3, total=24, unit="trials", note="best log loss 0.68123\nafter 60 rounds")

    found = JobProgress.newest(["model a", f"(tune_scope pid=1) {said.line()}", "a line"])

    assert found == said.model_copy(update={"note": "best log loss 0.68123 after 60 rounds"})


def test_newest_progress_of_several_is_the_last():
    lines = [JobProgress(done=n, total=5, unit="symbols", note="").line() for n in (1, 2)]

    found = JobProgress.newest(lines)

    assert found is not None
    assert found.done == 2


def test_log_without_progress_has_none():
    assert JobProgress.newest(["in progress", "progress 3/x trials: no"]) is None
