"""What a running replay server plays, and what time it is there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2

from candlecast.clock import ReplayClock
from candlecast.errors import SourceUnavailableError


@dataclass(frozen=True, slots=True)
class RemoteRecording:
    """What a replay server plays: symbols, their timeframe, first open and last close, and whether headlines."""

    symbols: tuple[str, ...]
    timeframe: str
    start: datetime
    end: datetime
    news: bool = False


def fetch_clock(url: str, *, timeout_s: float = 5) -> ReplayClock:
    """Return the clock of the replay server at `url`, which ticks here without asking again.

    Raises
    ------
    SourceUnavailableError
        When no replay server answers at `url` within `timeout_s`.
    """
    answer = _fetch(url, "/clock", timeout_s)
    try:
        return ReplayClock(
            wall_anchor_s=float(answer["wall_anchor_s"]),
            market_anchor=datetime.fromisoformat(answer["market_anchor"]),
            end=datetime.fromisoformat(answer["end"]),
            speed=float(answer["speed"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise _foreign(url) from error


def fetch_recording(url: str, *, timeout_s: float = 5) -> RemoteRecording:
    """Return what the replay server at `url` plays.

    Raises
    ------
    SourceUnavailableError
        When no replay server answers at `url` within `timeout_s`.
    """
    answer = _fetch(url, "/recording", timeout_s)
    try:
        return RemoteRecording(
            symbols=tuple(answer["symbols"]),
            timeframe=str(answer["timeframe"]),
            start=datetime.fromisoformat(answer["start"]),
            end=datetime.fromisoformat(answer["end"]),
            news=bool(answer["news"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise _foreign(url) from error


def _fetch(url: str, path: str, timeout_s: float) -> dict[str, Any]:
    try:
        # The environment's proxies know nothing of this machine's servers; certificates take 0.1 s to read.
        secure = url.startswith("https:")
        with httpx2.Client(timeout=timeout_s, trust_env=False, verify=secure) as client:
            answer = client.get(url.rstrip("/") + path).raise_for_status().json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise SourceUnavailableError(
            f"replay server at {url} does not answer within {timeout_s:g} s ({error}); "
            "start it with `python -m candlecast.replay`"
        ) from error
    if not isinstance(answer, dict):
        raise _foreign(url)
    return answer


def _foreign(url: str) -> SourceUnavailableError:
    return SourceUnavailableError(f"{url} is no replay server of this version; check CANDLECAST_REPLAY__URL")
