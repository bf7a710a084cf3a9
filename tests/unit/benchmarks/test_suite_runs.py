"""Is a benchmark's run judged rightly, and kept whole?"""

import json
from dataclasses import asdict, replace

import pytest
import suite_runs
from suite_list import Benchmark
from suite_runs import begun, judged, measure, read_outcomes, write_outcomes

from tests.unit.benchmarks.rows import MACHINE, outcome, row

TOLD = json.dumps({"benchmark": "tiny", "commit": "", "machine": MACHINE, "results": [row()]})
KNOWN = asdict(outcome("tiny", results=[]))


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Run a program of a few lines as if it were a benchmark."""
    (tmp_path / "benchmarks").mkdir()
    monkeypatch.setattr(suite_runs, "ROOT", tmp_path)
    monkeypatch.setattr(suite_runs, "_LOOK_S", 0.01)

    def run(source: str, *, limit_s: float = 60):
        (tmp_path / "benchmarks" / "tiny.py").write_text(source)
        return measure(begun(Benchmark("tiny", "?"), quick=True, given={}), limit_s=limit_s, folder=tmp_path)

    return run


@pytest.mark.parametrize(
    ("log", "code", "status", "said"),
    [
        (f"warming up\n{TOLD}\n", 0, "measured", ""),
        (f"{TOLD}\ntiny: missed: latest_rps: ratio is 2, at least 3\n", 1, "missed a bar", "tiny: missed: latest_rps"),
        (f"{TOLD}\ntiny: Compose was not measured\n", 1, "failed", "tiny: Compose was not measured"),
        ("tiny: the two sides differ\n", 1, "failed", "exit status 1: tiny: the two sides differ"),
        ("", 0, "failed", "exit status 0: it said nothing"),
        (f"{TOLD}\n", None, "failed", "ended at its limit of 9 s"),
    ],
)
def test_end_of_a_run_says_what_became_of_it(log, code, status, said):
    found = judged(KNOWN, log, code=code, limit_s=9)

    assert found.status == status
    assert found.said.startswith(said)
    assert bool(found.results) == (TOLD in log and code is not None)


def test_program_is_run_with_its_arguments_and_without_what_a_shell_says_of_the_product(tiny, monkeypatch):
    monkeypatch.setenv("CANDLECAST_API__PORT", "1")
    monkeypatch.setenv("RAY_ADDRESS", "nowhere")
    source = "import os, sys\nassert sys.argv[1:] == ['--quick', '--json']\n"
    source += f"assert not [name for name in os.environ if name.startswith(('CANDLECAST_', 'RAY_'))]\nprint({TOLD!r})\n"

    found = tiny(source)

    assert (found.status, found.said) == ("measured", "")
    assert [one["metric"] for one in found.results] == ["latest_rps"]
    assert found.machine["cpus"] > 0
    assert found.versions["ray"]


def test_program_beyond_its_limit_is_interrupted_and_failed(tiny, tmp_path):
    source = "import pathlib, time\ntry:\n    pathlib.Path('begun').touch()\n    time.sleep(600)\n"
    source += "finally:\n    pathlib.Path('ended').touch()\n"

    found = tiny(source, limit_s=1.5)

    assert (found.status, found.said) == ("failed", "ended at its limit of 1.5 s")
    assert (tmp_path / "begun").exists() == (tmp_path / "ended").exists()


def test_benchmark_without_its_inputs_is_left_out_and_says_which():
    needy = Benchmark("needy", "?", takes={"news": "--news"}, needs=("news",))

    found = begun(needy, quick=False, given={"news": []})

    assert (found.status, found.said) == ("left out", "needs --news")


def test_outcomes_are_read_as_they_were_written(tmp_path):
    path = tmp_path / "kept.json"

    write_outcomes(path, [outcome(), outcome("ingest", status="failed", said="why", results=[])])

    found = read_outcomes(path)
    assert found["serve"] == outcome()
    assert found["ingest"].said == "why"
    assert [file.name for file in tmp_path.iterdir()] == ["kept.json"]


def test_outcomes_of_a_file_that_is_not_there_are_none(tmp_path):
    assert read_outcomes(tmp_path / "none.json") == {}


@pytest.mark.parametrize(
    "change", [{"form": "full"}, {"arguments": ["--json"]}, {"commit": "def"}, {"benchmark": "ui"}]
)
def test_run_otherwise_or_of_other_code_is_another_run(change):
    assert outcome().is_run_of(replace(outcome(), results=[], date="later"))
    assert not replace(outcome(), **change).is_run_of(outcome())
