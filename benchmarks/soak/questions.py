"""What readers ask, and when an answer is right; pure."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

# of a hundred requests
MIX = {
    "latest": 48,
    "batch": 10,
    "candles": 10,
    "ledger": 6,
    "track_record": 4,
    "news": 6,
    "symbols": 4,
    "prices": 8,
    "health": 4,
}
PROBES = (*MIX, "page")
N_CANDLES = 48
# a forecast older than so many candles is none
MOST_CANDLES_OLD = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its route, the request as sent, and what its answer must be about."""

    route: str
    request: bytes
    symbols: tuple[str, ...]
    candle: timedelta


class Questions:
    """Questions to one stack, over its symbols in turn.

    Parameters
    ----------
    names : sequence of str
        Symbols.
    timeframe : str
        Of the stack.
    candle : timedelta
        Length of a candle.
    """

    def __init__(self, names: Sequence[str], timeframe: str, candle: timedelta) -> None:
        self._names = tuple(names)
        self._timeframe = timeframe
        self._candle = candle
        self._turns: Iterator[str] = itertools.cycle(names)

    def ask(self, route: str) -> Asked:
        """Return the next question to `route`, a key of `MIX` or ``page``."""
        if route == "batch":
            return self.batch(self._names)
        name = next(self._turns)
        series = {"symbol": name, "timeframe": self._timeframe}
        paths: dict[str, tuple[str, dict[str, object]]] = {
            "latest": ("/v1/forecasts/latest", {**series, "horizon": 1}),
            "candles": ("/v1/candles", {**series, "limit": N_CANDLES}),
            "ledger": ("/v1/forecasts", {**series, "limit": 20}),
            "track_record": ("/v1/track-record", {"timeframe": self._timeframe, "horizon": 1}),
            "news": ("/v1/news", {"symbol": name, "limit": 20}),
            "symbols": ("/v1/symbols", {}),
            "prices": ("/v1/prices", {"symbols": name}),
            "health": ("/healthz", {}),
            "page": ("/", {}),
        }
        path, query = paths[route]
        target = f"{path}?{urlencode(query)}" if query else path
        return Asked(route, f"GET {target} HTTP/1.1\r\nHost: soak\r\n\r\n".encode(), (name,), self._candle)

    def batch(self, names: Sequence[str]) -> Asked:
        """Return the question for the forecasts of `names`."""
        items = [{"symbol": name, "timeframe": self._timeframe, "horizon": 1} for name in names]
        content = json.dumps({"items": items}).encode()
        head = (
            "POST /v1/forecasts HTTP/1.1\r\nHost: soak\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        return Asked("batch", head.encode() + content, tuple(names), self._candle)


def wrong(asked: Asked, status: int, body: bytes, *, now: datetime) -> str:
    """Return why an answer is not right, "" when it is.

    Parameters
    ----------
    asked : Asked
        The question.
    status : int
        HTTP status.
    body : bytes
        What was answered.
    now : datetime
        Market time.
    """
    if status != 200:
        return f"{status} {body[:160].decode(errors='replace')}"
    if asked.route == "page":
        return "" if b"<html" in body[:4_000].lower() else "no page"
    try:
        answer = orjson.loads(body)
        return "" if _JUDGES[asked.route](answer, asked, now) else f"not what was asked for: {body[:160]!r}"
    except (ValueError, KeyError, TypeError, IndexError) as error:
        return f"no answer of this route ({error!r}): {body[:160]!r}"


def forecasts_of(asked: Asked, body: bytes) -> list[tuple[str, datetime]]:
    """Return symbol and `as_of` of each forecast in a right answer."""
    answer = orjson.loads(body)
    found = [answer] if asked.route == "latest" else [one["forecast"] for one in answer["items"]]
    return [(one["symbol"], datetime.fromisoformat(one["as_of"])) for one in found if one]


def _is_forecast(one: Any, symbol: str, asked: Asked, now: datetime) -> bool:
    bands = sorted((band["level"], band["low"], band["high"]) for band in one["intervals"])
    nested = all(inner[1] >= outer[1] and inner[2] <= outer[2] for inner, outer in itertools.pairwise(bands))
    fresh = now - datetime.fromisoformat(one["as_of"]) <= MOST_CANDLES_OLD * asked.candle
    return one["symbol"] == symbol and 0 <= one["p_up"] <= 1 and bool(bands) and nested and fresh


def _ascending(answer: Any) -> bool:
    opens = [one["open_time"] for one in answer["candles"]]
    return len(opens) == N_CANDLES and opens == sorted(set(opens))


_JUDGES: dict[str, Callable[[Any, Asked, datetime], bool]] = {
    "latest": lambda answer, asked, now: _is_forecast(answer, asked.symbols[0], asked, now),
    "batch": lambda answer, asked, now: all(
        _is_forecast(one["forecast"], name, asked, now)
        for one, name in zip(answer["items"], asked.symbols, strict=True)
    ),
    "candles": lambda answer, asked, _: answer["symbol"] == asked.symbols[0] and _ascending(answer),
    "ledger": lambda answer, asked, _: (
        bool(answer["items"])
        and all(one["forecast"]["symbol"] == asked.symbols[0] and len(one["row_hash"]) == 64 for one in answer["items"])
    ),
    "track_record": lambda answer, _, __: isinstance(answer["items"], list),
    "news": lambda answer, _, __: isinstance(answer["items"], list),
    "symbols": lambda answer, asked, _: asked.symbols[0] in {one["symbol"] for one in answer},
    "prices": lambda answer, asked, _: [one["price"]["symbol"] for one in answer["items"]] == list(asked.symbols),
    "health": lambda answer, _, __: answer == {"status": "ok"},
}
