"""What a new stack needs before its first forecast: history, then a model. ``python -m jobs.start``."""

import time
from typing import Annotated, Any

import ray
import typer

from candlecast.bootstrap import open_market
from cluster.connect import connect
from cluster.ingestion import book_share, plan_ingestion, start_ingestion
from jobs.entry import load_settings, run_command
from jobs.tasks import load_history, train_model

# fewer refits and fewer, smaller trees than later trainings have: the first forecast comes sooner
_N_FOLDS = 2
_PARAMS = {
    "rounds": 40,
    "step_parts": 1,
    "learning_rate": 0.12,
    "max_depth": 4,
    "min_child_weight": 50,
    "subsample": 0.3,
}

app = typer.Typer(add_completion=False)


@app.command()
def start(
    follow: Annotated[bool, typer.Option("--follow", help="begin to follow candles while the model trains")] = False,
) -> None:
    """Load all history and train the first model unless one is promoted; safe to repeat.

    One job in place of backfill and train, because each job costs seconds to start.
    """
    settings = load_settings()
    connect(settings.cluster)
    begun_s, market = time.monotonic(), open_market(settings)
    book_share(settings, market)
    loaded = load_history(settings, market)
    stored_s = time.monotonic()
    if follow:
        start_ingestion(plan_ingestion(settings, market.symbols))
    n_stored = sum(item.n_stored for item in loaded)
    typer.echo(f"{n_stored:,} candles of {len(loaded)} symbols stored in {stored_s - begun_s:.1f} s")
    result: dict[str, Any] = ray.get(train_model.remote(settings, if_missing=True, n_folds=_N_FOLDS, params=_PARAMS))
    typer.echo(f"{result['summary']}, in {time.monotonic() - stored_s:.1f} s")


if __name__ == "__main__":
    run_command(app)
