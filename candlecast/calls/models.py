"""Calls about trained models."""

from pydantic import TypeAdapter

from candlecast.calls.call import Call, given, path_of
from candlecast.schemas import ModelDetail, ModelPage, ModelState, RollbackRequest

_MODEL = TypeAdapter(ModelDetail)
_MODELS = TypeAdapter(ModelPage)


def models_call(
    *, timeframe: str | None, horizon: int | None, status: ModelState | None, limit: int, cursor: str | None
) -> Call[ModelPage]:
    """Return the call for one page of models."""
    params = given(timeframe=timeframe, horizon=horizon, status=status, limit=limit, cursor=cursor)
    return Call(path_of("models"), _MODELS, params)


def model_call(id_: str) -> Call[ModelDetail]:
    """Return the call for all that is known of one model."""
    return Call(path_of("models", id_), _MODEL)


def promote_call(id_: str) -> Call[ModelDetail]:
    """Return the call that makes a model champion."""
    return Call(path_of("models", id_, "promote"), _MODEL, method="POST")


def rollback_call(request: RollbackRequest) -> Call[ModelDetail]:
    """Return the call that makes the champion before the present one champion again."""
    # each one goes a champion further back, and one that was given up may have been done
    return Call(path_of("models", "rollback"), _MODEL, body=request, method="POST", repeatable=False)
