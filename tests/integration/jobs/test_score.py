"""Does ``python -m jobs.score`` settle once, name what was tampered with, and end as it found?"""

import json
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from candlecast.settings import Settings
from jobs import score
from tests.integration.conftest import as_owner
from tests.record_world import SYMBOLS, frozen, make_world, record

BTC, _ = SYMBOLS


@pytest.fixture
def run(database, postgres, monkeypatch):
    """A command on a ledger of ten forecasts, eight of which are due."""
    world = make_world(database, n=60)
    record(world, [world.entry(BTC, place) for place in range(40, 50)])
    market = SimpleNamespace(clock=frozen(world.close(BTC, 48)[0]), settings=SimpleNamespace(timeframe="1h"))
    settings = Settings(database={"url": postgres.app_url}, _env_file=None)
    # the real one points the logs of this process at a terminal that ends with the test
    monkeypatch.setattr(score, "load_settings", lambda: settings)
    monkeypatch.setattr(score, "open_market", lambda _: market)
    return lambda *arguments: CliRunner().invoke(score.app, list(arguments))


def test_score_settles_what_is_due(run):
    first, second = run("--json"), run()

    assert json.loads(first.output) == {"settled": 8, "never_known": 0, "waiting": 0}
    assert second.output.startswith("0 forecasts settled")


def test_score_verify_names_the_row_and_fails(run, postgres):
    assert run("--verify").output.strip().endswith("the record is whole")
    as_owner(postgres, "UPDATE predictions_table SET p_up = 0.99 WHERE id = (SELECT max(id) FROM predictions_table)")

    found = run("--verify", "--json")
    line, result = found.output.strip().splitlines()

    assert found.exit_code == 1
    assert line.startswith(f"{BTC} 1h h=1 m1: as of ")
    assert json.loads(result)["broken"][0]["reason"] == "does not match its own hash: it was changed"


def test_score_parity_of_an_empty_day_compares_nothing(run):
    found = run("--parity", "2001-02-03")

    assert found.exit_code == 0
    assert "no forecast was recorded that day" in found.output
    told = json.loads(run("--parity", "2001-02-03", "--json").output.splitlines()[-1])
    assert (told["n_compared"], told["share_equal"]) == (0, None)


@pytest.mark.parametrize("arguments", [("--verify", "--parity", "2001-02-03"), ("--parity", "yesterday")])
def test_score_refuses_what_makes_no_sense(run, arguments):
    assert type(run(*arguments).exception).__name__ == "InvalidRequestError"
