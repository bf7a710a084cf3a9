"""What does a backtest print and write, and what does it refuse? A found report stands in for the cluster's."""

import json
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from candlecast.errors import InvalidRequestError
from candlecast.evaluation.backtest import backtest as follow
from candlecast.evaluation.sizing import TradingRules
from candlecast.settings import Settings
from jobs import backtest
from tests.unit.evaluation.test_backtest import forecasts_of, panel_of


@pytest.fixture(scope="module")
def report():
    panel = panel_of("A/USDT")
    found = follow(panel, forecasts_of(panel), rules=TradingRules(), timeframe="1h")
    return found | {"source": "ledger", "timeframe": "1h", "horizon": 1, "model_id": "m1"}


@pytest.fixture
def run(monkeypatch, report):
    def run_with(*arguments):
        plans = []
        task = SimpleNamespace(remote=lambda settings, plan: plans.append((settings, plan)))
        monkeypatch.setattr(backtest, "follow_forecasts", task)
        monkeypatch.setattr(backtest, "ray", SimpleNamespace(get=lambda _: report))
        # the real one points the logs of this process at a terminal that ends with the test
        monkeypatch.setattr(backtest, "load_settings", lambda: Settings(_env_file=None))
        for name in ("connect", "book_share"):
            monkeypatch.setattr(backtest, name, lambda _: None)
        return CliRunner().invoke(backtest.app, list(arguments)), plans

    return run_with


def test_backtest_passes_its_options_on_and_ends_with_the_outcome(run):
    result, [(settings, plan)] = run(
        *("--source=walk-forward", "--symbols=A/USDT", "--horizon=4", "--threshold=0.55", "--sizing=kelly"),
        *("--fee-bps=5", "--slippage-bps=1", "--long-only", "--since=2020-03-01"),
    )

    assert result.exit_code == 0
    assert (plan.source, plan.horizon, plan.since.year) == ("walk-forward", 4, 2020)
    assert plan.rules == TradingRules(threshold=0.55, sizing="kelly", fee_bps=5, slippage_bps=1, long_only=True)
    assert settings.market.symbols == "A/USDT"
    assert result.stdout.splitlines()[-1].startswith("1h 1 ahead, ledger: ")


def test_backtest_as_json_is_one_object(run, report):
    result, _ = run("--json")

    assert json.loads(result.stdout) == report


def test_backtest_writes_a_page_that_carries_plotly(run, tmp_path):
    file = tmp_path / "backtest.html"

    result, _ = run(f"--html={file}")

    assert result.stdout.splitlines()[-1].endswith(f"page at {file}")
    assert file.stat().st_size > 4_000_000


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--source=guess", "source must be one of ledger, walk-forward, was 'guess'"),
        ("--sizing=all-in", "sizing must be one of"),
        ("--threshold=1.5", "threshold must be"),
        ("--fee-bps=-1", "fee_bps must be"),
        ("--since=yesterday", "since must be a day as 2020-03-01"),
        ("--html=/nowhere/page.html", "folder /nowhere of --html"),
    ],
)
def test_backtest_that_makes_no_sense_is_refused_before_any_work(run, option, says):
    result, plans = run(option)

    assert isinstance(result.exception, InvalidRequestError)
    assert says in str(result.exception)
    assert plans == []


def test_model_is_named_for_the_ledger_alone(run):
    result, _ = run("--source=walk-forward", "--model=m1")

    assert "--model is for --source ledger" in str(result.exception)
