"""Submits jobs by themselves, as the cron lines of the settings say, for ever: ``python -m jobs.scheduler``.

No job itself: it runs beside the cluster and speaks to it over HTTP. Jobs that it submitted go on when it ends.
"""

import asyncio

import typer

from candlecast.telemetry.publishing import publish_metrics
from cluster.scheduling.loop import keep_schedules
from jobs.entry import load_settings, run_command

app = typer.Typer(add_completion=False)


@app.command()
def scheduler() -> None:
    """Submit what is due, until stopped; several may run at the same time.

    Example: python -m jobs.scheduler
    """
    settings = load_settings(program="scheduler")
    publish_metrics(settings, program="scheduler")
    asyncio.run(keep_schedules(settings))


if __name__ == "__main__":
    run_command(app)
