"""The Ray tasks of the jobs.

Drivers only submit and wait; what takes seconds to import is imported in the task, by the worker
that needs it.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ray

from candlecast.bootstrap import Market, open_database, open_market
from candlecast.market.symbols import Symbol
from candlecast.settings import Settings
from cluster.resources import INGEST_TASK, TRAIN_TASK

if TYPE_CHECKING:
    from ray import ObjectRef

    from candlecast.evaluation.deflation import Deflated
    from candlecast.ingest.loader import Loaded, Span
    from candlecast.models.tuning import Prepared
    from candlecast.sentiment.quality import Quality
    from candlecast.sentiment.training.fine_tune import Weights
    from candlecast.sentiment.training.recipe import Recipe
    from jobs.backfill_worker import ChunkDone, Settled
    from jobs.backtest_plan import BacktestPlan
    from jobs.chunks import Chunk
    from jobs.evaluation_plan import EvaluationPlan
    from jobs.studies import SearchOrder
    from jobs.survey import Missing

_CPUS_PER_SHARD = 2


def n_cpus() -> int:
    """Return how many CPUs the cluster books, at least 1."""
    return max(1, int(ray.cluster_resources().get("CPU", 1)))


def load_history(settings: Settings, market: Market) -> "list[Loaded]":
    """Bring all followed symbols up to date, in as many tasks as the cluster has pairs of CPUs."""
    n_shards = max(1, n_cpus() // _CPUS_PER_SHARD)
    shards = [market.symbols[first::n_shards] for first in range(n_shards)]
    tasks = [load_symbols.remote(settings, shard) for shard in shards if shard]
    return [loaded for shard in ray.get(tasks) for loaded in shard]


@ray.remote(**INGEST_TASK)
def load_symbols(settings: Settings, symbols: Sequence[Symbol]) -> "list[Loaded]":
    """Bring some symbols up to date."""
    from candlecast.ingest.loader import Loader

    return Loader(settings).load(symbols)


@ray.remote(**INGEST_TASK)
def survey_symbols(settings: Settings, symbols: Sequence[Symbol], span: "Span") -> "list[Missing]":
    """Find what some symbols lack."""
    from jobs.survey import survey

    return survey(settings, symbols, span)


@ray.remote(**INGEST_TASK)
def check_symbols(settings: Settings, symbols: Sequence[Symbol]) -> None:
    """Refuse symbols that no venue trades."""
    from jobs.survey import check_symbols as check

    check(settings, symbols)


@ray.remote(num_returns="streaming", **INGEST_TASK)
def load_chunks(settings: Settings, chunks: "Sequence[Chunk]") -> "Iterator[ChunkDone]":
    """Load some chunks; tells of each as it is done."""
    from jobs.backfill_worker import load_chunks as load

    yield from load(settings, chunks)


@ray.remote(**INGEST_TASK)
def settle_symbols(settings: Settings, symbols: Sequence[Symbol], span: "Span") -> "Settled":
    """Ask every venue for what is still missing of some symbols."""
    from jobs.backfill_worker import settle

    return settle(settings, symbols, span)


@ray.remote(**TRAIN_TASK)
def train_step(step: str, *arguments: Any) -> Any:
    """Do one step of a training, see `jobs.training.driver`."""
    from jobs.training.driver import run_step

    return run_step(step, *arguments)


@ray.remote(**TRAIN_TASK)
def train_model(settings: Settings, *, if_missing: bool, **choices: Any) -> dict[str, Any]:
    """Train, judge, register and promote one model; `choices` as in `jobs.training.in_process.train_model`."""
    from jobs.training.in_process import train_model as train

    return train(settings, if_missing=if_missing, **choices)


@ray.remote(**TRAIN_TASK)
def evaluate_horizon(settings: Settings, *, horizon: int, plan: "EvaluationPlan") -> dict[str, Any]:
    """Judge one horizon out of sample and store what was found."""
    from jobs.evaluation import evaluate_horizon as evaluate

    return evaluate(settings, horizon=horizon, plan=plan)


@ray.remote(**TRAIN_TASK)
def follow_forecasts(settings: Settings, *, plan: "BacktestPlan") -> dict[str, Any]:
    """Trade on forecasts over the stored candles and tell what came of it."""
    from jobs.backtesting import run_backtest

    return run_backtest(settings, plan=plan)


@ray.remote(num_returns=2, **TRAIN_TASK)
def prepare_search(settings: Settings, until: datetime) -> "tuple[str, Prepared]":
    """Build the inner walk-forward that every trial shares, of candles closed by `until`; return its digest and it."""
    from candlecast.models.fitting import TrainingConfig
    from candlecast.models.tuning import prepare
    from jobs.training.news import read_news
    from jobs.training.panel import read_panel

    market, database = open_market(settings), open_database(settings)
    panel = read_panel(market, database, until=until)
    news, _ = read_news(settings, market, database, panel=panel)
    # each trial books one CPU
    config = TrainingConfig(timeframe=market.settings.timeframe, horizon=market.settings.horizon, nthread=1)
    prepared = prepare(panel, config=config, news=news)
    return prepared.digest(), prepared


@ray.remote(**TRAIN_TASK)
def weigh_winner(prepared: "Prepared", params: dict[str, float], *, n_trials: int) -> "Deflated":
    """Tell how much of a winner's gain is more than luck."""
    from candlecast.models.tuning import weigh

    return weigh(prepared, params, n_trials=n_trials)


# it holds no CPU while it waits for trials that each need one
@ray.remote(num_cpus=0, max_retries=1)
def tune_scope(settings: Settings, order: "SearchOrder") -> dict[str, Any]:
    """Search and train for one set of symbols of many; what it says is lost, its result is not."""
    from jobs.studies import tune

    return tune(settings, order, say=lambda _line: None)


@ray.remote(**INGEST_TASK)
def collect_news(settings: Settings) -> str:
    """Ask every feed once, judge what is new, and tell about it in one line."""
    from candlecast.collecting import open_news

    async def work() -> str:
        desk = open_news(settings)
        try:
            return await desk.round()
        finally:
            await desk.close()

    return asyncio.run(work())


@ray.remote(**INGEST_TASK)
def load_archive(settings: Settings, archive: Path) -> dict[str, int]:
    """Store the articles of an archive that could be read by now, and have them judged."""
    from candlecast.collecting import open_news

    desk = open_news(settings)
    taken = desk.take_archive(archive, until=desk.clock.now())
    return {
        "new stories": sum(one.n_new for one in taken),
        "told again": sum(one.n_merged for one in taken),
        "known before": sum(one.n_known for one in taken),
        "refused": sum(one.n_refused for one in taken),
        "judged": desk.judge_new(),
    }


@ray.remote(**TRAIN_TASK)
def fine_tune_member(recipe: "Recipe", number: int) -> "Weights":
    """Let one member of a sentiment model learn; members differ by their seed."""
    from dataclasses import replace

    from candlecast.sentiment.training.fine_tune import fine_tune

    config = replace(recipe.config, seed=recipe.config.seed + number)
    return fine_tune(recipe.base, recipe.examples(), config=config, say=print)


@ray.remote(**TRAIN_TASK)
def assemble_sentiment(
    recipe: "Recipe", members: "Sequence[ObjectRef[Weights]]", **choices: Any
) -> "dict[str, Quality]":
    """Make one sentiment model of its members; `choices` as in `candlecast.sentiment.training.recipe.finish`."""
    from candlecast.sentiment.training.recipe import finish, teach

    return finish(recipe, teach(recipe, ray.get(list(members)), say=print), **choices)
