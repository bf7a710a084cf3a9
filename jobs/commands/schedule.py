"""Which jobs run by themselves, when next, and how did they end?"""

from datetime import datetime
from typing import Annotated, Any

import typer

from candlecast.bootstrap import open_database, open_market
from candlecast.clock import Clock
from candlecast.storage.postgres.schedule import ScheduledRun, ScheduleStore
from cluster.scheduling.schedules import Schedule, read_schedules
from jobs.entry import load_settings, show


def schedule(as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False) -> None:
    """List the jobs that run by themselves: cron line, next slot in market time, and how the last run ended.

    Example: candlecast schedule
    """
    settings = load_settings()
    schedules, clock = read_schedules(settings), open_market(settings).clock
    store = ScheduleStore(open_database(settings))
    ran, newest = store.submitted(), store.newest()
    rows = [_row(one, ran.get(one.job), newest.get(one.job), clock) for one in schedules]
    text = "\n".join(_line(row) for row in rows) or "no job runs by itself: CANDLECAST_SCHEDULER__ENABLED is false"
    show({"now": clock.now(), "jobs": rows}, text=text, as_json=as_json)


def _row(one: Schedule, ran: ScheduledRun | None, newest: ScheduledRun | None, clock: Clock) -> dict[str, Any]:
    upcoming = one.line.next(clock.now())
    wait_s = clock.wall_s_until(upcoming)
    row: dict[str, Any] = {"job": one.job, "cron": one.line.text, "next": upcoming}
    row["wall_s_until_next"] = wait_s if wait_s != float("inf") else None
    row["last"] = None if ran is None else _plain(ran)
    skipped = newest is not None and newest.state == "skipped" and (ran is None or newest.slot > ran.slot)
    row["skipped"] = _plain(newest) if skipped and newest is not None else None
    return row


def _plain(run: ScheduledRun) -> dict[str, Any]:
    return {"slot": run.slot, "state": run.state, "job_id": run.job_id, "attempt": run.attempt, "detail": run.detail}


def _line(row: dict[str, Any]) -> str:
    wait_s, last, skipped = row["wall_s_until_next"], row["last"], row["skipped"]
    when = "never, the recording ends before" if wait_s is None else f"in {_duration(wait_s)}"
    said = f"{row['job']:<9}{row['cron']:<16}next {_moment(row['next'])} ({when})"
    told = "has not run yet" if last is None else f"last {_moment(last['slot'])} {last['state']}"
    detail = f": {last['detail']}" if last is not None and last["detail"] else ""
    left_out = f"; {_moment(skipped['slot'])} left out: {skipped['detail']}" if skipped and last else ""
    return f"{said}; {told}{detail}{left_out}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%MZ}"


def _duration(wall_s: float) -> str:
    minutes, seconds = divmod(round(wall_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
