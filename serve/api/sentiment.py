"""Scores of texts."""

from fastapi import APIRouter, Response

from candlecast.schemas import SentimentAnswer, SentimentRequest
from serve.api.problems import ProblemError
from serve.api.services import ServicesDep
from serve.request_ids import request_id

router = APIRouter(prefix="/v1", tags=["sentiment"])


@router.post("/sentiment", summary="Score up to 512 texts, -1 bearish to +1 bullish", response_model=SentimentAnswer)
async def score_texts(request: SentimentRequest, services: ServicesDep) -> Response:
    """Return one score for each text, in order; a text that an engine cannot judge has none, and says why."""
    judge = services.sentiment
    if len(request.texts) == 1:
        answer, problem = await judge.judge_one.remote(request.texts[0], request.engine, request_id())
    else:
        answer, problem = await judge.judge_many.remote(request.texts, request.engine, request_id())
    if problem is not None:
        raise ProblemError(status=problem["status"], title=problem["title"], detail=problem["detail"])
    # already the wire model's JSON: not worth reading again here
    return Response(answer, media_type="application/json")
