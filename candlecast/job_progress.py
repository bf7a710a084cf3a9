"""How far is a job? One line of its log says so, and this file knows how to write and to read it."""

import re
from collections.abc import Iterable
from typing import Self

from pydantic import Field

from candlecast.schemas import WireModel

_LINE = re.compile(r"progress (\d+)/(\d+) ([a-z]+): (.*)")


class JobProgress(WireModel):
    """What of its work a job has done."""

    done: int = Field(ge=0, description="units done")
    total: int = Field(ge=0, description="units in all")
    unit: str = Field(pattern=r"^[a-z]+$", description="what is counted, as trials or symbols")
    note: str = Field(description="how it stands, for people")

    def line(self) -> str:
        """Return the line that a job prints."""
        return f"progress {self.done}/{self.total} {self.unit}: {' '.join(self.note.split())}"

    @classmethod
    def newest(cls, lines: Iterable[str]) -> Self | None:
        """Return what the last line of a log that tells of progress says, None when none does."""
        found = None
        for line in lines:
            found = _LINE.search(line) or found
        if found is None:
            return None
        done, total, unit, note = found.groups()
        return cls(done=int(done), total=int(total), unit=unit, note=note)


class JobState(WireModel):
    """A job of the cluster."""

    id: str
    status: str = Field(description="PENDING, RUNNING, SUCCEEDED, FAILED or STOPPED")
    message: str | None = Field(description="what the cluster says of it")
    progress: JobProgress | None = Field(description="null where the job told of none yet")
    log: list[str] = Field(description="its newest lines, oldest first")
