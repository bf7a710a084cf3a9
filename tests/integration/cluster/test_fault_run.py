"""The short fault run: every kind of fault once, an actor killed, Redis twice, PostgreSQL once."""

from pathlib import Path

from tests.fault_run import Course, run, stand


def test_table_after_every_fault_is_the_truth_but_for_listed_outages(ray_head, tmp_path: Path):
    course = Course(seed=11, length_s=30.0, kill_every_s=14.0)

    with stand(tmp_path, ray_head, n_candles=400) as running:
        traces = run(running, course)

    # that is: the faults did happen
    assert set(traces.qualities) == {"stream", "rest", "failover", "late", "repaired"}
    assert min(traces.n_revisions, traces.n_quarantined, traces.n_outages) > 0
