"""The long fault run: every kind of fault several times, an actor killed every 30 s, Redis twice, PostgreSQL once."""

from pathlib import Path

import pytest

from tests.fault_run import Course, run, stand


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [23])
def test_table_after_many_faults_is_the_truth_but_for_listed_outages(ray_head, tmp_path: Path, seed: int):
    course = Course(seed=seed, length_s=95.0, kill_every_s=30.0)

    with stand(tmp_path, ray_head, n_candles=450) as running:
        traces = run(running, course)

    assert set(traces.qualities) == {"stream", "rest", "failover", "late", "repaired"}
    assert min(traces.n_revisions, traces.n_quarantined, traces.n_outages) > 0
