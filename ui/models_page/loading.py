"""What does the page of the models ask of the API? The newest models with their figures, readiness, and one job."""

import asyncio
import hashlib

from candlecast.errors import AccessError, CandlecastError
from candlecast.job_progress import JobState
from candlecast.schemas import ModelDetail, ModelPage, ModelSummary
from ui.models_page.jobs import TAIL
from ui.models_page.orders import checked_key, refused
from ui.models_page.shelf import SHOWN, Shelf
from ui.panels import attempt
from ui.site import Site

_JOB_TTL_S = 1.0
_DETAIL_TTL_S = 600.0


async def load_shelf(site: Site) -> Shelf:
    """Return the newest models and the readiness; equal questions of other tabs are shared."""
    models, readiness = await asyncio.gather(attempt(_models(site)), attempt(site.readiness()))
    if isinstance(models, CandlecastError):
        return Shelf(models, readiness)
    return Shelf(models[0], readiness, more=models[1])


async def load_model(site: Site, shelf: Shelf, model_id: str) -> ModelDetail | CandlecastError | None:
    """Return a model that an address names, from the registry where it is not among the newest; None for no name."""
    if not model_id:
        return None
    found = shelf.find(model_id)
    if found is not None:
        return found
    return await attempt(site.answers.get(("model", model_id), lambda: site.client.model(model_id)))


async def load_job(site: Site, job_id: str, *, key: str) -> JobState | CandlecastError | None:
    """Return how a job stands as of a second ago, None without an id; a wrong key is an error with the next step."""
    if not job_id:
        return None

    async def ask() -> JobState:
        async with site.as_admin(checked_key(key)) as client:
            return await client.job(job_id, tail=TAIL)

    try:
        # the key is part of the question: who has none must not read what another was answered
        return await site.answers.get(("job", job_id, _digest(key)), ask, ttl_s=_JOB_TTL_S)
    except AccessError as error:
        return refused(error, has_key=bool(key.strip()))
    except CandlecastError as error:
        return error


async def _models(site: Site) -> tuple[list[ModelDetail], bool]:
    page: ModelPage = await site.answers.get("models", lambda: site.client.models(limit=SHOWN))
    details = await asyncio.gather(*(_detail(site, summary) for summary in page.items))
    return list(details), page.next_cursor is not None


async def _detail(site: Site, summary: ModelSummary) -> ModelDetail:
    # all else of a trained model stays as it is
    key = ("model", summary.id, summary.status, summary.promoted_at, summary.pruned)
    return await site.answers.get(key, lambda: site.client.model(summary.id), ttl_s=_DETAIL_TTL_S, fresh=False)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
