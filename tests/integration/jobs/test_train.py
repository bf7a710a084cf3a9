"""Does a training end in the same model wherever it runs and whatever is killed, and is a bad one refused whole?"""

import os
import signal
from pathlib import Path

import pytest

from candlecast.bootstrap import open_market
from candlecast.errors import InsufficientHistoryError, InvalidRequestError
from candlecast.ingest.loader import Loader
from candlecast.storage.postgres.models import ModelStore
from jobs.training import steps
from jobs.training.cluster import OnCluster
from jobs.training.driver import Here, run_training
from jobs.training.in_process import train_model
from jobs.training.request import TrainingRequest
from jobs.training.run import MAX_AGE
from tests.builders import make_small_recording
from tests.integration.conftest import as_owner
from tests.integration.world import HOUR, market_at
from tests.trained import SMALL_PARAMS

PAIRS = ["BTC/USDT", "ETH/USDT"]
N_CANDLES = 1_100
RISING = "extract(epoch FROM open_time) / 1e6"


@pytest.fixture(scope="module")
def recording():
    return make_small_recording(PAIRS, N_CANDLES)


@pytest.fixture
def at(postgres, recording, tmp_path):
    """Return the settings of the market some hours before the recording's end."""
    opened = []

    def settings(hours: int):
        now = recording.end - hours * HOUR + HOUR / 3
        opened.append(market_at(now, recording=recording, url=postgres.app_url, folder=tmp_path))
        return opened[-1].__enter__()

    yield settings
    for world in opened:
        world.__exit__(None, None, None)


@pytest.fixture
def settings(database, at):
    settings = at(40)
    Loader(settings).load(open_market(settings).symbols)
    return settings


def run(settings, *, workers=None, say=lambda _: None, **choices):
    request = TrainingRequest(**({"params": SMALL_PARAMS, "n_folds": 2, "resumable": True} | choices))
    return run_training(settings, request, workers=workers or Here(), say=say)


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def judge_after_a_death(begun, surveyed, rows, number):
    """Die where no death was noted yet, as a worker that is killed does."""
    note = begun.settings.models.folder / ".died"
    if not note.exists():
        note.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return steps.judge(begun, surveyed, rows, number)


class Deadly(OnCluster):
    def submit(self, step, *arguments, n_results=1):
        here = step.replace("jobs.training.steps:judge", f"{__name__}:judge_after_a_death")
        return super().submit(here, *arguments, n_results=n_results)


def test_training_on_the_cluster_with_a_worker_killed_gives_the_model_of_one_process(ray_head, settings, database):
    lines = []

    on_cluster = run(settings, workers=Deadly(), say=lines.append, n_folds=1)
    here = train_model(settings, if_missing=False, params=SMALL_PARAMS, n_folds=1)

    assert (settings.models.folder / ".died").exists()
    assert on_cluster["promoted"]
    assert here["model_id"] == on_cluster["model_id"]
    assert visible(settings.models.folder) == [on_cluster["model_id"]]
    assert len(ModelStore(database).list()) == 1
    assert lines[-1].startswith("progress 6/6 steps: fits 2 of 2")


def test_training_that_was_killed_goes_on_as_of_its_beginning(settings, at, database, monkeypatch):
    judged, whole = [], steps.judge_fold

    def judge_fold(rows, *, fold, config):
        judged.append(fold.number)
        if len(judged) == 2:
            raise KeyboardInterrupt
        return whole(rows, fold=fold, config=config)

    monkeypatch.setattr(steps, "judge_fold", judge_fold)
    begun_at = open_market(settings).clock.now()
    with pytest.raises(KeyboardInterrupt):
        run(settings)
    assert visible(settings.models.folder) == []
    assert ModelStore(database).list() == []

    later = at(30)
    Loader(later).load(open_market(later).symbols)
    result = run(later)

    [record] = ModelStore(database).list()
    assert judged == [2, 1, 1]
    assert record.trained_at == begun_at
    assert record.id == result["model_id"]
    assert record.data_end < begun_at
    assert list((settings.models.folder / ".training").iterdir()) == []


def test_training_killed_long_ago_begins_anew(settings, at, database, monkeypatch):
    monkeypatch.setattr(steps, "fit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run(settings)
    monkeypatch.undo()

    later = at(40 - 1 - MAX_AGE // HOUR)
    run(later)

    assert ModelStore(database).list()[0].trained_at == open_market(later).clock.now()


def test_other_algorithm_is_compared_on_the_same_folds_and_says_how(settings, database):
    first = run(settings)

    second = train_model(settings, if_missing=False, n_folds=2, algorithm="naive")

    assert first["promoted"]
    assert "against the promoted model on" in second["summary"]
    records = {record.id: record for record in ModelStore(database).list()}
    assert records[second["model_id"]].algorithm == "naive"
    assert second["summary"].split(": out of sample")[0].endswith(records[second["model_id"]].metrics["promotion"])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("open = 5, high = 5, low = 5, close = 5", "closes of BTC/USDT are 5; all"),
        (
            f"open = {RISING}, high = {RISING} + 1, low = {RISING} - 1, close = {RISING}",
            "ETH/USDT .* learned from rose",
        ),
    ],
)
def test_candles_that_cannot_be_learned_from_are_refused_and_nothing_is_registered(
    settings, postgres, database, spoil, says
):
    as_owner(postgres, f"UPDATE ohlcv_table SET {spoil}")

    with pytest.raises(InvalidRequestError, match=says):
        run(settings)

    assert ModelStore(database).list() == []
    assert visible(settings.models.folder) == []


def test_unknown_algorithm_and_too_few_candles_are_refused_and_nothing_is_registered(settings, postgres, database):
    with pytest.raises(InvalidRequestError, match="algorithm 'xgbost' is unknown; did you mean xgboost"):
        run(settings, algorithm="xgbost")
    first_days = "(SELECT min(open_time) + interval '9 days' FROM ohlcv_table)"
    as_owner(postgres, f"DELETE FROM ohlcv_table WHERE open_time > {first_days}")

    with pytest.raises(InsufficientHistoryError, match=r"BTC/USDT has 217 candles .*; ETH/USDT has 217"):
        run(settings)

    assert ModelStore(database).list() == []
    assert visible(settings.models.folder) == []
