"""Made-up models and jobs, and the routes that answer them; a wrong admin key is refused as the API does."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request

from candlecast.job_progress import JobProgress, JobState
from candlecast.schemas import JobAccepted, ModelDetail, ModelOrigin, ModelPage, ModelSummary
from tests.fakes.forecasts import MODEL_ID
from tests.fakes.market import NOW

if TYPE_CHECKING:
    from tests.fakes.api import FakeApi

METRICS: dict[str, Any] = {
    "n_test": 5_600,
    "test_start": "2022-05-01T00:00:00+00:00",
    "test_end": "2022-10-10T00:00:00+00:00",
    "promotion": "surely better than the champion",
    "leak_alarm": None,
    "direction": {
        "model": {
            "accuracy": 0.531,
            "accuracy_low": 0.518,
            "accuracy_high": 0.544,
            "auc": 0.545,
            "brier": 0.2486,
            "log_loss": 0.6904,
        },
        "majority": {"accuracy": 0.509, "auc": 0.5, "brier": 0.2499, "log_loss": 0.6929},
        "last_direction": {"accuracy": 0.522, "auc": 0.515, "brier": 0.2493, "log_loss": 0.6918},
    },
    "intervals": {"0.8": {"coverage": 0.803, "histvol_coverage": 0.831, "winkler_to_histvol": 0.97}},
    "interval_choice": {"kind": "quantiles", "score_ratio": 0.981, "p_value": 0.0104, "n": 12_000},
    "volatility": {"sigma": 0.59, "har": 0.56, "ewma": 0.53, "histvol": 0.52},
}


def make_model(id_: str = MODEL_ID, **overrides) -> ModelDetail:
    """Return a champion with two features; `overrides` may make it anything else."""
    values = {
        "id": id_,
        "status": "champion",
        "timeframe": "1h",
        "horizon": 1,
        "algorithm": "xgboost",
        "symbols": ["BTC/USDT", "ETH/USDT"],
        "trained_at": NOW - timedelta(hours=6),
        "promoted_at": NOW - timedelta(hours=5),
        "pruned": False,
        "features": ["rsi_14", "gap_return_1"],
        "metrics": METRICS,
        "importance": {
            "gain": {"rsi_14": 0.6, "gap_return_1": 0.4},
            "permutation": {"gap_return_1": 0.002, "rsi_14": -0.0001},
        },
        "params": {"max_depth": 3, "eta": 0.05},
        "data_start": NOW - timedelta(days=400),
        "data_end": NOW - timedelta(hours=6),
        "sha256": f"{id_:0<64}"[:64],
        "origin": ModelOrigin(data_digest="cd" * 32, n_candles=12_000, code_commit="ef" * 20),
    }
    return ModelDetail(**(values | overrides))


def make_job(id_: str = "raysubmit_1", **overrides) -> JobState:
    """Return a job that has done half of its work."""
    values = {
        "id": id_,
        "status": "RUNNING",
        "message": None,
        "progress": JobProgress(done=2, total=4, unit="folds", note="fold 2 of 4"),
        "log": ["reading candles", "progress 2/4 folds: fold 2 of 4"],
    }
    return JobState(**(values | overrides))


def add_routes(app: FastAPI, fake: "FakeApi") -> None:
    """Answer models and jobs; what changes something wants `fake.admin_key` where that is set."""

    def admin(request: Request) -> None:
        sent = request.headers.get("x-api-key")
        if fake.admin_key and sent != fake.admin_key:
            raise HTTPException(401 if sent is None else 403, "this needs a key of scope admin")

    router = APIRouter(prefix="/v1", dependencies=[Depends(admin)])
    _add_changes(router, fake)
    _add_jobs(router, fake)

    @app.get("/v1/models")
    def models() -> ModelPage:
        fields = set(ModelSummary.model_fields)
        return ModelPage(items=[ModelSummary(**model.model_dump(include=fields)) for model in fake.models])

    @app.get("/v1/models/{id_}")
    def model(id_: str) -> ModelDetail:
        return _found(fake, id_)

    app.include_router(router)


def _add_changes(router: APIRouter, fake: "FakeApi") -> None:
    @router.post("/models/rollback")
    def rollback() -> ModelDetail:
        before = [model for model in fake.models if model.status == "retired"]
        if not before:
            raise HTTPException(409, "no champion was there before the present one")
        return _promote(fake, before[0])

    @router.post("/models/{id_}/promote")
    def promote(id_: str) -> ModelDetail:
        return _promote(fake, _found(fake, id_))


def _add_jobs(router: APIRouter, fake: "FakeApi") -> None:
    @router.post("/jobs/{kind}", status_code=202)
    def start(kind: str) -> JobAccepted:
        job = make_job(f"{kind}_{len(fake.jobs) + 1}")
        fake.jobs.setdefault(job.id, job)
        return JobAccepted(id=job.id, submitted=True)

    @router.get("/jobs/{id_}")
    def job(id_: str) -> JobState:
        if id_ not in fake.jobs:
            raise HTTPException(404, f"job {id_} is not known")
        return fake.jobs[id_]


def _found(fake: "FakeApi", id_: str) -> ModelDetail:
    for model in fake.models:
        if model.id == id_:
            return model
    raise HTTPException(404, f"model {id_} is not known")


def _promote(fake: "FakeApi", chosen: ModelDetail) -> ModelDetail:
    states = {"champion": "retired"}
    fake.models = [
        model.model_copy(
            update={"status": "champion" if model.id == chosen.id else states.get(model.status, model.status)}
        )
        for model in fake.models
    ]
    return _found(fake, chosen.id)
