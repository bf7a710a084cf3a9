"""Settles what is due, once, or checks the record: ``python -m jobs.score --verify``.

Whoever follows the market (`jobs.ingest`) has forecasts settled all the time; this job is for once.
"""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer

from candlecast.bootstrap import open_database, open_market
from candlecast.errors import InvalidRequestError
from candlecast.settings import Settings
from jobs.entry import EXIT_FAILED, load_settings, run_command, show

app = typer.Typer(add_completion=False)

_SHOWN = 20


@app.command()
def score(
    verify: Annotated[bool, typer.Option("--verify", help="check every chain; exit 1 if one broke")] = False,
    parity: Annotated[str, typer.Option(help="UTC day, as 2024-01-31: make its forecasts again and compare")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")] = False,
) -> None:
    """Settle forecasts whose target time has passed; or check the record with --verify or --parity.

    Example: python -m jobs.score --parity 2024-01-31
    """
    settings = load_settings()
    if verify and parity:
        raise InvalidRequestError("give --verify or --parity, not both")
    if verify:
        ok, result, lines = _verified(settings)
    elif parity:
        ok, result, lines = _replayed(settings, _day(parity))
    else:
        ok, result, lines = _settled(settings)
    for line in lines[:-1]:
        typer.echo(line)
    show(result, text=lines[-1], as_json=as_json)
    if not ok:
        raise typer.Exit(EXIT_FAILED)


def _settled(settings: Settings) -> tuple[bool, dict[str, Any], list[str]]:
    from candlecast.record.settler import Settler

    market, database = open_market(settings), open_database(settings)
    done = Settler(database, clock=market.clock, timeframe=market.settings.timeframe).round()
    n_never = len(done.settled) - done.n_known
    result = {"settled": done.n_known, "never_known": n_never, "waiting": done.n_waiting}
    text = f"{done.n_known:,} forecasts settled, {n_never:,} never will be, {done.n_waiting:,} wait for their candle"
    return True, result, [text]


def _verified(settings: Settings) -> tuple[bool, dict[str, Any], list[str]]:
    from candlecast.record.verify import verify_record
    from candlecast.storage.postgres.audit import AuditStore
    from candlecast.storage.postgres.predictions import PredictionStore
    from candlecast.storage.postgres.record import RecordStore

    database = open_database(settings)
    found = verify_record(AuditStore(database), PredictionStore(database), RecordStore(database))
    looked = f"{found.n_forecasts:,} forecasts in {found.n_series:,} chains and {found.n_outcomes:,} outcomes"
    whole = not found.broken
    lines = [one.line for one in found.broken] + [
        f"{looked}: {'the record is whole' if whole else f'{len(found.broken):,} places do not fit'}"
    ]
    return whole, {"ok": whole, **asdict(found)}, lines


def _replayed(settings: Settings, day: date) -> tuple[bool, dict[str, Any], list[str]]:
    from candlecast.forecasts.news import ForecastNews
    from candlecast.record.parity import ParityCheck
    from candlecast.registry import Registry
    from candlecast.storage.postgres.models import ModelStore

    database = open_database(settings)
    registry = Registry(ModelStore(database), settings.models.folder)
    news = ForecastNews(database, engine=settings.sentiment.engine) if settings.news.enabled else None
    found = ParityCheck(database, registry=registry, news=news).replay(day)
    result = asdict(found) | {"share_equal": found.share_equal if found.n_compared else None}
    lines = [one.line for one in found.differences[:_SHOWN]]
    if len(found.differences) > _SHOWN:
        lines.append(f"and {len(found.differences) - _SHOWN:,} more; --json has them all")
    if not found.n_compared:
        return True, result, [f"{day}: no forecast was recorded that day"]
    lines.append(
        f"{day}: {found.n_equal:,} of {found.n_compared:,} forecasts equal ({found.share_equal:.2%}), "
        f"{found.n_same_features:,} feature rows the same to the bit; {found.n_recorded:,} recorded that day"
    )
    return found.n_equal == found.n_compared, result, lines


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequestError(f"--parity must be a day as 2024-01-31, was {text[:20]!r}") from error


if __name__ == "__main__":
    run_command(app)
