"""Does a run of all go on after a failure, and after being cut off?"""

import json
import sys

import pytest
import suite
import suite_list
import suite_page
import suite_runs
from suite_list import Benchmark

from tests.unit.benchmarks.rows import MACHINE, row

COUNTS = """
import json, pathlib, sys
count = pathlib.Path("{name}.count")
count.write_text(count.read_text() + "." if count.exists() else ".")
if {fails} and not pathlib.Path("mended").exists():
    sys.exit("{name}: broken")
print(json.dumps({told}))
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the suite over two small programs, the second of which fails until the file `mended` is there."""
    programs = (Benchmark("first", "?"), Benchmark("second", "?"))
    (tmp_path / "benchmarks").mkdir()
    for name, fails in (("first", False), ("second", True)):
        told = {"benchmark": name, "commit": "", "machine": MACHINE, "results": [row()]}
        (tmp_path / "benchmarks" / f"{name}.py").write_text(COUNTS.format(name=name, fails=fails, told=told))
    for module in (suite, suite_list, suite_page):
        monkeypatch.setattr(module, "BENCHMARKS", programs)
    monkeypatch.setattr(suite, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(suite_runs, "ROOT", tmp_path)
    monkeypatch.setattr(suite_runs, "_LOOK_S", 0.01)

    def call(*flags: str) -> None:
        monkeypatch.setattr(sys, "argv", ["suite.py", "--page", str(tmp_path / "page.md"), *flags])
        suite.main()

    return call


def counts(folder) -> list[int]:
    files = (folder / f"{name}.count" for name in ("first", "second"))
    return [len(file.read_text()) if file.exists() else 0 for file in files]


def test_failure_stops_nothing_and_is_named_at_the_end(run, tmp_path):
    (tmp_path / "benchmarks" / "first.py").write_text("raise SystemExit('first: broken')")
    (tmp_path / "mended").touch()

    with pytest.raises(SystemExit, match=r"failed, or missed a bar: first \(failed\)"):
        run()

    page = (tmp_path / "page.md").read_text()
    assert "failed: exit status 1: first: broken" in page
    assert "| second | latest_rps |" in page


def test_run_that_was_cut_off_goes_on_with_what_is_missing(run, tmp_path):
    with pytest.raises(SystemExit):
        run()
    (tmp_path / "mended").touch()

    run("--resume")

    assert counts(tmp_path) == [1, 2]
    assert (tmp_path / "page.md").read_text().count("latest_rps") == 2


def test_run_without_resume_measures_everything_anew(run, tmp_path):
    (tmp_path / "mended").touch()

    run()
    run()

    assert counts(tmp_path) == [2, 2]


def test_resumed_run_of_the_other_form_measures_anew(run, tmp_path):
    (tmp_path / "mended").touch()

    run("--quick")
    run("--resume")

    assert counts(tmp_path) == [2, 2]


def test_run_of_some_leaves_the_rows_of_others_as_they_were(run, tmp_path):
    (tmp_path / "mended").touch()
    run()
    before = json.loads((tmp_path / "page.json").read_text())["outcomes"]

    run("--only", "second", "--quick")

    after = json.loads((tmp_path / "page.json").read_text())["outcomes"]
    assert after[0] == before[0]
    assert [one["form"] for one in after] == ["full", "quick"]


def test_run_compares_with_the_page_before_it(run, tmp_path, capsys):
    (tmp_path / "mended").touch()
    run()
    kept = json.loads((tmp_path / "page.json").read_text())
    kept["outcomes"][0]["results"][0]["ratio"] = 9.0
    (tmp_path / "page.json").write_text(json.dumps(kept))

    run()

    assert "worse by more than the noise: 1 of 2\n  first: latest_rps: ratio 9 before, 2 now" in capsys.readouterr().out
    assert "- first: latest_rps: ratio 9 before, 2 now" in (tmp_path / "page.md").read_text()


def test_run_that_begins_anew_forgets_all_that_was_kept_at_once(run, tmp_path, monkeypatch):
    (tmp_path / "mended").touch()
    run()
    monkeypatch.setattr(suite, "measure", lambda *_, **__: pytest.fail("cut off"))

    with pytest.raises(pytest.fail.Exception):
        run()

    assert [file for file in (tmp_path / "kept").iterdir() if file.suffix == ".json"] == []


def test_benchmark_without_its_inputs_keeps_the_rows_of_a_run_that_had_them(run, tmp_path, monkeypatch):
    (tmp_path / "mended").touch()
    run()
    needy = [Benchmark("first", "?"), Benchmark("second", "?", needs=("news",))]
    for module in (suite, suite_list, suite_page):
        monkeypatch.setattr(module, "BENCHMARKS", needy)

    run()

    assert (tmp_path / "page.md").read_text().count("latest_rps") == 2
    assert counts(tmp_path) == [2, 1]
