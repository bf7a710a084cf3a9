"""Is a recipe judged on what is stored, and is what was found stored as well?"""

import json

from candlecast.bootstrap import open_market
from candlecast.evaluation.gates import Gate
from candlecast.ingest.loader import Loader
from candlecast.storage.postgres.evaluations import EvaluationStore
from jobs import evaluation
from jobs.evaluation_plan import EvaluationPlan
from tests.builders import make_small_recording
from tests.integration.world import HOUR, market_at

N_CANDLES = 1_200


def test_evaluation_of_stored_candles_is_stored_with_its_gates(database, postgres, tmp_path, monkeypatch):
    # the gates themselves are tested without a database
    monkeypatch.setattr(evaluation, "check_leaks", lambda panel, **_: [Gate("purge", True, f"{len(panel)} symbol")])
    recording = make_small_recording(["BTC/USDT"], N_CANDLES)
    plan = EvaluationPlan(
        n_folds=1, train_candles=None, embargo_candles=24, test_start=None, cost_bps=10.0, check_leaks=True
    )

    with market_at(recording.end - HOUR / 3, recording=recording, url=postgres.app_url, folder=tmp_path) as settings:
        settings.market.history_candles = N_CANDLES
        Loader(settings).load(open_market(settings).symbols)
        report = evaluation.evaluate_horizon(settings, horizon=4, plan=plan)

    stored = EvaluationStore(database).newest("1h", 4)
    assert [gate["name"] for gate in report["gates"]] == ["purge", "plausible accuracy"]
    assert stored.report == json.loads(json.dumps(report))
    assert stored.model_id is None
