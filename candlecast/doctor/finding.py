"""What was found about a part: how it is, in words, and what mends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "skipped", "warning", "broken"]

_ORDER: tuple[Verdict, ...] = ("ok", "skipped", "warning", "broken")
_MARKS = {"ok": "ok  ", "skipped": "skip", "warning": "WARN", "broken": "BAD "}


@dataclass(frozen=True, slots=True)
class Finding:
    """How a part is.

    Parameters
    ----------
    verdict : {"ok", "skipped", "warning", "broken"}
        Only what is broken keeps Candlecast from its work.
    detail : str
        What was seen.
    mend : str
        What to do; "" where nothing is to be done.
    """

    verdict: Verdict
    detail: str
    mend: str = ""

    def line(self, name: str) -> str:
        """Return all of it on one line, as that of the part `name`."""
        return f"{_MARKS[self.verdict]} {name}: {self.detail}" + (f" -> {self.mend}" if self.mend else "")


def well(detail: str) -> Finding:
    """Return that a part is as it should be."""
    return Finding("ok", detail)


def skipped(why: str) -> Finding:
    """Return that a part was not looked at, and why."""
    return Finding("skipped", why)


def warning(detail: str, mend: str) -> Finding:
    """Return that a part works, but not as it should."""
    return Finding("warning", detail, mend)


def broken(detail: str, mend: str) -> Finding:
    """Return that a part does not work."""
    return Finding("broken", detail, mend)


def together(findings: Sequence[Finding], *, otherwise: str) -> Finding:
    """Return several findings of one part as one: the worst verdict, the worst told first, each mend once.

    Parameters
    ----------
    findings : sequence of Finding
        What is not as it should be.
    otherwise : str
        What to say when there is nothing of it.
    """
    if not findings:
        return well(otherwise)
    worst_first = sorted(findings, key=lambda found: -_ORDER.index(found.verdict))
    mends = dict.fromkeys(found.mend for found in worst_first if found.mend)
    return Finding(worst_first[0].verdict, "; ".join(found.detail for found in worst_first), "; ".join(mends))
