"""The ``candlecast`` command: the whole product from one terminal."""

import typer

from jobs.commands import backtest, backup, doctor, keys, records, schedule, score, stack, work
from jobs.entry import run_command

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Forecasts the next candles of crypto pairs and stocks, with intervals that hold and an honest record.",
)
for command in (stack.run, stack.deploy, stack.env, stack.status, doctor.doctor, records.predict):
    app.command()(command)
for command in (work.backfill, work.ingest, work.news, work.train, work.tune, work.evaluate):
    app.command()(command)
for command in (score.score, backtest.backtest, schedule.schedule):
    app.command()(command)
for command in (backup.backup, backup.restore):
    app.command()(command)
records.models.command()(score.judge)
app.add_typer(records.database, name="db")
app.add_typer(records.models, name="models")
app.add_typer(records.config, name="config")
app.add_typer(keys.keys, name="keys")


def main() -> None:
    """Run the command line."""
    run_command(app)


if __name__ == "__main__":
    main()
