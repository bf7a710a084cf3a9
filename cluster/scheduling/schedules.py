"""Which jobs run by themselves, and when?"""

import shlex
from dataclasses import dataclass
from datetime import datetime

from candlecast.cron import CronLine
from candlecast.settings import Settings

_PYTHON_MODULE = ("python", "-m")
_ENTRYPOINTS = {
    "backfill": "python -m jobs.backfill",
    "news": "python -m jobs.news",
    "score": "python -m jobs.score",
    "verify": "python -m jobs.score --verify",
    "train": "python -m jobs.train",
    "tune": "python -m jobs.tune",
}


@dataclass(frozen=True, slots=True)
class Schedule:
    """One job and its cron line.

    Parameters
    ----------
    job : str
        As ``train``; ids of its submissions begin with it.
    entrypoint : str
        Shell command of the job.
    line : CronLine
        When it is due, in market time.
    """

    job: str
    entrypoint: str
    line: CronLine

    def submission_id(self, slot: datetime, *, attempt: int) -> str:
        """Return the id of a submission: the same from whichever scheduler."""
        again = "" if attempt == 1 else f"-{attempt}"
        return f"{self.job}-{slot:%Y%m%dT%H%MZ}{again}"

    def is_kind_of(self, entrypoint: str) -> bool:
        """Tell whether a job of `entrypoint` does the same work, for whatever symbols and whoever submitted it."""
        wanted, given = self.entrypoint.split(), shlex.split(entrypoint)
        n_words = len(_PYTHON_MODULE)
        # `score` settles, `score --verify` only reads
        return given[: n_words + 1] == wanted[: n_words + 1] and ("--verify" in given) == ("--verify" in wanted)


def read_schedules(settings: Settings) -> tuple[Schedule, ...]:
    """Return the schedules that the settings ask for; an empty line stands for never.

    Raises
    ------
    InvalidRequestError
        When a line is no cron line; names its setting.
    """
    wanted = settings.scheduler
    if not wanted.enabled:
        return ()
    lines = {job: str(getattr(wanted, job)) for job in _ENTRYPOINTS}
    # a market of the past may have no news
    if not settings.news.enabled:
        lines["news"] = ""
    return tuple(
        Schedule(job, _ENTRYPOINTS[job], CronLine.parse(line, name=f"CANDLECAST_SCHEDULER__{job.upper()}"))
        for job, line in lines.items()
        if line.strip()
    )
