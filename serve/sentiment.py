"""Judges texts in a deployment of its own, off the event loop: many at once, or single ones together."""

import asyncio
import importlib
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import structlog
from ray import serve

from candlecast.errors import CandlecastError
from candlecast.logs import configure_logs
from candlecast.schemas import Engine, Problem, SentimentAnswer
from candlecast.sentiment.cached import CachedVerdicts
from candlecast.sentiment.engine import Verdicts
from candlecast.sentiment.engines import Engines
from candlecast.settings import Settings
from candlecast.telemetry import meters
from candlecast.telemetry.publishing import publish_metrics
from serve.request_ids import on_behalf_of

# of this process; a text of many requests at once is judged in parts, so that single ones get in between
_WORKERS, _PART = 2, 64
_REMEMBERED = 50_000
_LEAST_URGENT = 19
_HEAVY_ENGINES = ("transformer", "ensemble")
_HEAVY_MODULES = ("transformers.tokenization_utils_tokenizers", "onnxruntime")
# an answer in the wire model's JSON, or a problem
Reply = tuple[bytes | None, dict[str, Any] | None]

log = structlog.get_logger(__name__)


@serve.deployment
class SentimentDeployment:
    """Holds the sentiment engines, each opened when it is first asked for."""

    def __init__(self) -> None:
        settings = Settings()
        configure_logs(settings, program="sentiment", of_ray=True)
        publish_metrics(settings, program="sentiment")
        self._settings = settings.sentiment
        self._engines = Engines(self._settings)
        self._verdicts = CachedVerdicts(size=_REMEMBERED)
        self._pool = ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="judge")
        # Serve makes replicas on the loop that serves them
        self._warming = asyncio.get_running_loop().create_task(self._warm())

    def reconfigure(self, config: dict[str, float]) -> None:
        """Take how single texts are gathered from the application's configuration."""
        self._together.set_max_batch_size(int(config["max_batch_size"]))
        self._together.set_batch_wait_timeout_s(config["batch_wait_timeout_s"])

    async def judge_many(self, texts: list[str], engine: Engine | None, request_id: str = "") -> Reply:
        """Return one answer for all `texts`, or a problem; errors do not cross the process border."""
        name = engine or self._settings.engine
        parts = [texts[start : start + _PART] for start in range(0, len(texts), _PART)]
        try:
            with on_behalf_of([request_id]):
                found = [await self._judge(name, part) for part in parts]
        except CandlecastError as error:
            return None, _problem(error)
        scores = [score for verdicts in found for score in verdicts.on_the_wire()]
        answer = SentimentAnswer(engine=name, version=self._engines.get(name).version, scores=scores)
        return answer.model_dump_json().encode(), None

    async def judge_one(self, text: str, engine: Engine | None, request_id: str = "") -> Reply:
        """Return the answer for one text, judged together with others that come at the same moment."""
        reply: Reply = await self._together(text, engine or self._settings.engine, request_id)
        return reply

    # requests wait in the queue of the replica rather than here: as many batches as there are workers
    @serve.batch(max_concurrent_batches=_WORKERS)
    async def _together(self, texts: list[str], engines: list[Engine], request_ids: list[str]) -> list[Reply]:
        replies: dict[int, Reply] = {}
        for engine in set(engines):
            places = [place for place, name in enumerate(engines) if name == engine]
            with on_behalf_of([request_ids[place] for place in places]):
                replies |= zip(places, await self._one_each(engine, [texts[place] for place in places]), strict=True)
        return [replies[place] for place in range(len(texts))]

    async def _one_each(self, engine: Engine, texts: Sequence[str]) -> list[Reply]:
        try:
            verdicts = await self._judge(engine, texts)
        except CandlecastError as error:
            return [(None, _problem(error))] * len(texts)
        version = self._engines.get(engine).version
        answers = (SentimentAnswer(engine=engine, version=version, scores=[one]) for one in verdicts.on_the_wire())
        return [(answer.model_dump_json().encode(), None) for answer in answers]

    async def _judge(self, engine: Engine, texts: Sequence[str]) -> Verdicts:
        def judge() -> Verdicts:
            with meters.TEXTS_S.labels(engine).time():
                return self._verdicts.judge(self._engines.get(engine), texts)

        meters.TEXTS.labels(engine).inc(len(texts))
        # log lines of the thread name the request, as those of the loop do
        return await asyncio.get_running_loop().run_in_executor(self._pool, copy_context().run, judge)

    async def _warm(self) -> None:
        try:
            if self._settings.engine in _HEAVY_ENGINES:
                await asyncio.to_thread(_import_gently)
            await self._judge(self._settings.engine, ["Stocks rally to a record high"])
        except CandlecastError as error:
            # each request says it too
            log.warning("sentiment engine not ready", engine=self._settings.engine, reason=str(error))


def _import_gently() -> None:
    """Import the large libraries at the lowest priority: a new stack needs its cores for the first forecast."""

    def load() -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LEAST_URGENT)
        for name in _HEAVY_MODULES:
            importlib.import_module(name)

    # a thread that ends: priority cannot be taken back
    thread = threading.Thread(target=load)
    thread.start()
    thread.join()


def _problem(error: CandlecastError) -> dict[str, Any]:
    return Problem(title=error.title, status=error.status, detail=str(error)).model_dump(mode="json")
