"""Does the clock of this machine run evenly, and does it agree with others?"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx2

from candlecast.clock import wall_s
from candlecast.doctor.finding import Finding, broken, together
from candlecast.errors import CandlecastError, SourceUnavailableError

MOST_SKEW_S = 2.0
_WATCHED_S, _MOST_JUMP_S = 0.3, 0.1
_MEND = "let NTP keep the clock, and slew, not step it: `timedatectl set-ntp true`"


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of this machine, in seconds: the one that tells the time, and one that only runs."""

    wall_s: Callable[[], float] = wall_s
    steady_s: Callable[[], float] = time.monotonic


def look_at_time(others: Mapping[str, Callable[[], float]], *, clocks: Clocks | None = None) -> Finding:
    """Watch the clock for a moment and compare it with others.

    Parameters
    ----------
    others : mapping of str to callable
        Each returns by how many seconds this machine is ahead of it, by its name; one that fails
        is told as not asked.
    clocks : Clocks or None
        Those of this machine.
    """
    clocks = clocks or Clocks()
    first = _both(clocks)
    told, findings = [], list[Finding]()
    for name, skew_s in others.items():
        try:
            ahead_s = skew_s()
        except CandlecastError:
            told.append(f"{name} not asked, it does not answer")
            continue
        told.append(f"{ahead_s:+.1f} s to {name}")
        if abs(ahead_s) > MOST_SKEW_S:
            way = "ahead of" if ahead_s > 0 else "behind"
            detail = f"this machine is {abs(ahead_s):,.1f} s {way} {name}, at most {MOST_SKEW_S:g} may be"
            findings.append(broken(detail, _MEND))
    time.sleep(max(0.0, _WATCHED_S - (clocks.steady_s() - first.steady_s)))
    last = _both(clocks)
    jump_s = (last.wall_s - first.wall_s) - (last.steady_s - first.steady_s)
    if abs(jump_s) > _MOST_JUMP_S + first.unsure_s + last.unsure_s:
        findings.append(broken(f"the clock jumped by {jump_s:+.1f} s while it was watched", _MEND))
    return together(findings, otherwise=f"runs evenly; {', '.join(told) or 'no other one to compare it with'}")


@dataclass(frozen=True, slots=True)
class _Both:
    wall_s: float
    steady_s: float
    unsure_s: float


def _both(clocks: Clocks) -> _Both:
    # a busy machine may do something else between two looks
    before_s = clocks.steady_s()
    wall = clocks.wall_s()
    return _Both(wall, before_s, clocks.steady_s() - before_s)


def http_skew_s(url: str, *, timeout_s: float, now_s: Callable[[], float] = wall_s) -> float:
    """Return by how many seconds this machine is ahead of a web server, as its ``Date`` tells.

    Raises
    ------
    SourceUnavailableError
        When it does not answer, or without a date.
    """
    try:
        secure = url.startswith("https:")
        with httpx2.Client(timeout=timeout_s, verify=secure, trust_env=secure) as client:
            before_s = now_s()
            told = parsedate_to_datetime(client.head(url).headers["date"]).timestamp()
            after_s = now_s()
    except (httpx2.HTTPError, httpx2.InvalidURL, KeyError, ValueError) as error:
        raise SourceUnavailableError(f"{url} tells no time ({type(error).__name__})") from error
    # it was written some time between the two, and whole seconds are all that it tells
    ahead_s, behind_s = before_s - (told + 1.0), after_s - told
    return max(0.0, ahead_s) + min(0.0, behind_s)
