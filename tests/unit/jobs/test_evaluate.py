"""What does an evaluation print and write, and how does it end? Judged reports stand in for the cluster's."""

import json
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from candlecast.evaluation.full_report import Protocol, full_report
from candlecast.settings import Settings
from jobs import evaluate
from tests.forecasts_frame import make_forecasts

LEAK = {"name": "purge", "passed": False, "finding": "training targets reach into the test part of fold 2"}


@pytest.fixture(scope="module")
def report():
    facts = {"model_id": None, "columns": "price columns alone", "skipped": {"D": "D has 3 candles"}, "gates": []}
    return full_report(make_forecasts(), protocol=Protocol("1h", 1, 3)) | facts


@pytest.fixture
def run(monkeypatch):
    def run_on(reports, *arguments):
        plans = []
        task = SimpleNamespace(remote=lambda settings, **choices: plans.append(choices))
        ray = SimpleNamespace(wait=lambda left: (left, []), get=lambda tasks: reports)
        monkeypatch.setattr(evaluate, "evaluate_horizon", task)
        monkeypatch.setattr(evaluate, "ray", ray)
        # the real one points the logs of this process at a terminal that ends with the test
        monkeypatch.setattr(evaluate, "load_settings", lambda: Settings(_env_file=None))
        for name in ("connect", "book_share"):
            monkeypatch.setattr(evaluate, name, lambda _: None)
        result = CliRunner().invoke(evaluate.app, list(arguments))
        return result, plans

    return run_on


def test_evaluation_prints_its_tables_and_ends_with_the_headline(run, report):
    result, plans = run([report], "--horizons=1", "--rolling=500", "--folds=3")

    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert plans[0]["plan"].train_candles == 500
    assert "left out: D has 3 candles" in lines
    assert any(line.startswith("coverage_90 quarter 2024Q1") for line in lines)
    assert lines[-1].startswith("1h 1 ahead: accuracy 0.")


def test_evaluation_with_a_leak_ends_with_a_clear_line_and_exit_code_1(run, report):
    result, _ = run([report | {"gates": [LEAK]}], "--horizons=1", "--check-leaks")

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert "LEAK purge: training targets reach into the test part of fold 2" in lines
    assert lines[-1].endswith("LEAK: 1 ahead, purge: training targets reach into the test part of fold 2")


def test_evaluation_whose_gates_pass_says_how_many(run, report):
    result, _ = run([report | {"gates": [LEAK | {"passed": True}]}], "--horizons=1", "--check-leaks")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].endswith("all 1 leak gates passed")


def test_evaluation_as_json_is_one_line_of_all_reports(run, report):
    result, _ = run([report], "--json")

    (line,) = result.stdout.splitlines()
    assert json.loads(line)["reports"][0]["n_test"] == 900


def test_evaluation_writes_a_page_that_carries_plotly(run, report, tmp_path):
    result, _ = run([report], f"--html={tmp_path / 'report.html'}")

    page = (tmp_path / "report.html").read_text()
    assert result.stdout.splitlines()[-1].endswith(f"page at {tmp_path / 'report.html'}")
    assert "plotly.js" in page[:200_000]
    assert len(page) > 4_000_000


def test_evaluation_to_a_folder_that_is_not_there_is_refused_before_any_work(run, report, tmp_path):
    result, plans = run([report], f"--html={tmp_path / 'none' / 'report.html'}")

    assert result.exit_code != 0
    assert "none" in str(result.exception)
    assert plans == []
