"""Does a search that is broken off go on where it was, and does its winner become a model?"""

from collections.abc import Iterator

import pytest

from candlecast.bootstrap import open_database, open_market
from candlecast.errors import StackError
from candlecast.ingest.loader import Loader
from candlecast.job_progress import JobProgress
from candlecast.settings import Settings
from candlecast.storage.postgres.models import ModelStore
from candlecast.storage.postgres.trials import StudyScope, TrialStore
from jobs.studies import SearchOrder, tune
from jobs.training.driver import Here
from tests.builders import make_small_recording
from tests.integration.world import HOUR, market_at

PAIR = "BTC/USDT"
N_CANDLES = 2_400
SCOPE = StudyScope([PAIR], "1h", 1, "optuna")


@pytest.fixture(scope="module")
def recording():
    return make_small_recording([PAIR], N_CANDLES)


@pytest.fixture
def settings(ray_head, database, postgres, recording, tmp_path) -> Iterator[Settings]:
    with market_at(recording.end - HOUR / 2, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        settings.market.history_candles = N_CANDLES
        settings = settings.model_copy(update={"cluster": ray_head})
        Loader(settings).load(open_market(settings).symbols)
        yield settings


def test_search_that_is_broken_off_goes_on_and_no_second_one_runs_beside_it(settings, monkeypatch):
    # trials are processes of the cluster; how training spreads over it is another test
    monkeypatch.setattr("jobs.studies.OnCluster", Here)
    order = SearchOrder(trials=3, concurrent=1)
    store = TrialStore(open_database(settings))

    def killed(_line: str) -> None:
        with pytest.raises(StackError, match=r"optuna search on 1h .* of BTC/USDT is running already"):
            tune(settings, order, say=print)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tune(settings, order, say=killed)
    study = store.open_study(SCOPE)
    assert study is not None
    before = store.trials(study.id)
    said: list[str] = []
    result = tune(settings, order, say=said.append)

    after = store.trials(study.id)
    assert [len(before), len(after), result["trials"]] == [1, 3, 3]
    assert after[:1] == before
    assert len({tuple(trial.params.items()) for trial in after}) == 3
    assert result["log_loss"] == min(trial.score for trial in after)
    told = JobProgress.newest(line for line in said if "trials" in line)
    assert told is not None
    assert (told.done, told.total) == (3, 3)
    model = ModelStore(open_database(settings)).get(result["model_id"])
    assert model is not None
    assert result["best"].items() <= model.params.items()
    assert model.metrics["tuning"]["deflated"]["n_trials"] == 3
    assert store.open_study(SCOPE) is None
    assert store.last_winner(SCOPE) == result["best"]
