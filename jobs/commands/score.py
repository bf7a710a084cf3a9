"""The record: settling it, checking it, and judging challengers by it."""

from typing import Annotated

import typer

from candlecast.bootstrap import open_database, open_market
from candlecast.registry import Registry
from candlecast.storage.postgres.models import ModelStore
from jobs.commands.work import follow_job
from jobs.entry import load_settings, show

AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object as the last line")]


def score(
    verify: Annotated[bool, typer.Option("--verify", help="check every chain; exit 1 if one broke")] = False,
    parity: Annotated[str, typer.Option(help="UTC day, as 2024-01-31: make its forecasts again and compare")] = "",
    as_json: AsJson = False,
) -> None:
    """Settle forecasts whose target time has passed, or check the record; a running stack settles by itself.

    Example: candlecast score --verify
    """
    follow_job("score", {"parity": parity}, "--verify" if verify else "", "--json" if as_json else "")


def judge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only tell who would take over")] = False,
    as_json: AsJson = False,
) -> None:
    """Hold every challenger against its champion on settled forecasts of both; one that is surely better takes over.

    Example: candlecast models judge --dry-run
    """
    from candlecast.reading import tell_promoted
    from candlecast.record.challenge import find_challenges
    from candlecast.record.scorer import winners

    settings = load_settings()
    market, database = open_market(settings), open_database(settings)
    found = find_challenges(database, market.settings.timeframe, now=market.clock.now())
    promoted = [] if dry_run else winners(found)
    registry = Registry(ModelStore(database), settings.models.folder)
    for one in promoted:
        record = registry.promote(one.challenger.id, promoted_at=market.clock.now())
        tell_promoted(settings, market, record)
    lines = [f"{one.challenger.id} against {one.champion.id}: {one.verdict.why}" for one in found]
    lines += [f"model {one.challenger.id} is promoted" for one in promoted]
    rows = [
        {
            "challenger": one.challenger.id,
            "champion": one.champion.id,
            "promote": one.verdict.promote,
            "why": one.verdict.why,
            "n": one.test.n,
            "n_days": one.test.n_days,
        }
        for one in found
    ]
    text = "\n".join(lines) or "no challenger: train one with `candlecast train`"
    show({"challenges": rows, "promoted": [one.challenger.id for one in promoted]}, text=text, as_json=as_json)
