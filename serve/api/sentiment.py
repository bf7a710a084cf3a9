"""Scores of texts."""

from fastapi import APIRouter

from candlecast.schemas import SentimentAnswer, SentimentRequest, SentimentScore
from serve.api.services import ServicesDep

router = APIRouter(prefix="/v1", tags=["sentiment"])


@router.post("/sentiment", summary="Score up to 512 texts, -1 bearish to +1 bullish")
async def score_texts(request: SentimentRequest, services: ServicesDep) -> SentimentAnswer:
    """Return one score for each text, in order."""
    scores = await services.sentiment.score.remote(request.texts)
    return SentimentAnswer(engine=request.engine, scores=[SentimentScore(**score) for score in scores])
