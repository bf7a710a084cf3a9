"""How every command ends: one clear line for a person, an exit code for a program."""

import json
import signal
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from candlecast.errors import CandlecastError, InvalidRequestError, StaleDataError
from candlecast.logs import configure_logs
from candlecast.settings import Settings
from candlecast.visible import visible
from jobs.job_id import job_id
from jobs.symbols_option import read_symbols

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_STALE = 3
# as a shell tells of a program that SIGTERM ended
EXIT_TERMINATED = 128 + signal.SIGTERM


def load_settings(*, program: str = "jobs") -> Settings:
    """Read all settings and set up the logs of this process.

    Parameters
    ----------
    program : str
        What its log lines and their file are called.

    Raises
    ------
    InvalidRequestError
        Naming the first setting that is out of its range.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "CANDLECAST_" + "__".join(str(part) for part in first["loc"]).upper()
        raise InvalidRequestError(
            f"setting {name}: {first['msg']}, was {first.get('input')!r}; see .env.example"
        ) from error
    except SettingsError as error:
        raise InvalidRequestError(f"settings cannot be read: {error}; see .env.example") from error
    configure_logs(settings, program=program, job=job_id())
    return settings


def with_market(settings: Settings, *, symbols: str, timeframe: str, horizon: int = 0) -> Settings:
    """Return `settings` with what the command line gave; empty and 0 leave them as they are.

    Raises
    ------
    InvalidRequestError
        When `symbols` names a file that cannot be understood.
    """
    flags = {"symbols": read_symbols(symbols), "timeframe": timeframe, "horizon": horizon}
    given = {name: value for name, value in flags.items() if value}
    return settings.model_copy(update={"market": settings.market.model_copy(update=given)})


def run_command(command: Callable[[], Any]) -> None:
    """Run a Typer app or a function; turn our errors into one line on stderr and an exit code.

    SIGTERM ends it as Ctrl-C does, so that what it started is stopped, with one line and 143.
    """
    terminated = False

    def terminate(_number: int, _frame: FrameType | None) -> None:
        nonlocal terminated
        terminated = True
        # the first one unwinds; a further one must not break that off
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, terminate)
    try:
        _run(command)
    except SystemExit:
        if terminated:
            typer.echo("candlecast: stopped by SIGTERM; the same command goes on or begins again", err=True)
            sys.exit(EXIT_TERMINATED)
        raise


def _run(command: Callable[[], Any]) -> None:
    try:
        command()
    except CandlecastError as raised:
        # what a task raised arrives as Ray's twin of it, whose text is a traceback; the cause is ours
        error = getattr(raised, "cause", raised)
        typer.secho(f"candlecast: {visible(str(error))}", err=True, fg=typer.colors.RED)
        sys.exit(_exit_code(error))
    except KeyboardInterrupt:
        sys.exit(130)


def show(result: Mapping[str, Any], *, text: str, as_json: bool = False) -> None:
    """Print the result of a command as its last line: `text` for people, one JSON object for programs."""
    typer.echo(json.dumps(result, default=str) if as_json else text)


def _exit_code(error: CandlecastError) -> int:
    if isinstance(error, InvalidRequestError):
        return EXIT_USAGE
    return EXIT_STALE if isinstance(error, StaleDataError) else EXIT_FAILED
