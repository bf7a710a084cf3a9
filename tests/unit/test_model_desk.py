from datetime import UTC, datetime

from candlecast.model_desk import detail
from candlecast.storage.postgres.models import ModelRecord

WHEN = datetime(2022, 7, 1, tzinfo=UTC)
ORIGIN = {"data_digest": "ab" * 32, "n_candles": 1_000, "code_commit": "cd" * 20}


def record(**metrics):
    return ModelRecord(
        id="m1",
        symbols=["BTC/USDT"],
        timeframe="1h",
        horizon=1,
        algorithm="xgboost",
        features=["rsi_14"],
        metrics=metrics,
        params={},
        data_start=WHEN,
        data_end=WHEN,
        artefact_path="m1",
        sha256="ef" * 32,
        trained_at=WHEN,
    )


def test_detail_tells_the_origin_beside_the_metrics():
    found = detail(record(n_test=5, origin=ORIGIN, importance={"gain": {"rsi_14": float("nan")}}))

    assert found.origin.model_dump() == ORIGIN
    assert found.metrics == {"n_test": 5}
    assert found.importance == {"gain": {"rsi_14": None}}


def test_detail_of_a_model_from_before_origins_were_kept_has_none():
    assert detail(record()).origin is None
