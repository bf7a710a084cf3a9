"""What does a fault do to an answer or a message? Cut, garbled, rows repeated or out of order."""

from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar

import orjson

from candlecast.replay.faults.rows import Rows, put_rows, take_rows

HTML = b"<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"
WRONG_SHAPE = b'{"status":"maintenance"}'
ROW_KINDS = ("duplicated", "out_of_order")
# In the order in which they can be done to one answer.
BODY_KINDS = (*ROW_KINDS, "malformed", "truncated")

Item = TypeVar("Item")


def garble(body: bytes, *, kind: str, share: float, venue: str, chance: Random) -> bytes:
    """Return the answer `body` of `venue` as a fault of `kind` leaves it.

    Parameters
    ----------
    body : bytes
        JSON, or XML, whose rows cannot be repeated or moved.
    kind : str
        One of `BODY_KINDS`.
    share : float
        Share of the rows that are repeated or moved, 0 to 1.
    venue : str
        Whose answer.
    chance : Random
        What is drawn from.
    """
    if kind == "truncated":
        return truncate(body, chance)
    if kind == "malformed":
        return malform(body, venue=venue, chance=chance)
    payload = _decoded(body)
    rows = take_rows(venue, payload)
    if rows is None:
        return body
    changed = repeat(rows, share, chance) if kind == "duplicated" else shuffle(rows, share, chance)
    return orjson.dumps(put_rows(venue, payload, changed))


def truncate(body: bytes, chance: Random) -> bytes:
    """Return the first part of `body`, never all of it."""
    return body[: int(len(body) * chance.uniform(0.1, 0.9))]


def malform(body: bytes, *, venue: str, chance: Random) -> bytes:
    """Return nothing, a page of HTML, JSON of another shape, or rows whose figures are missing or no numbers."""
    payload = _decoded(body)
    rows = take_rows(venue, payload)
    ways: list[bytes] = [b"", HTML, WRONG_SHAPE]
    if rows:
        ways += [orjson.dumps(put_rows(venue, payload, spoil(rows, chance)))] * len(ways)
    return chance.choice(ways)


def _decoded(body: bytes) -> Any:
    # None for what is no JSON.
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def malform_event(text: str, chance: Random) -> str:
    """Return a kline event that is no JSON, holds no candle, or has no figures."""
    event = orjson.loads(text)
    bare = {name: event[name] for name in ("e", "E", "s")}
    figures = event["k"] | dict.fromkeys("ohlcv", chance.choice([None, "n/a"]))
    return chance.choice(["not JSON", orjson.dumps(bare).decode(), orjson.dumps(bare | {"k": figures}).decode()])


def spoil(rows: Rows, chance: Random) -> Rows:
    """Return `rows` with one of them spoilt: cut short, without figures, or with text for a number."""
    place, way = chance.randrange(len(rows)), chance.randrange(3)
    row = rows[place]
    if isinstance(row, dict):
        # Never the time, without which a row is of no candle at all.
        names = [name for name in row if name not in ("start", "timestamp")]
        figures: dict[str, Any] = dict.fromkeys(names, "n/a" if way == 2 else None)
        spoilt: Any = {name: row[name] for name in row if name not in names} | (figures if way else {})
    else:
        spoilt = row[:3] if way == 0 else [row[0], *(["n/a" if way == 2 else None] * (len(row) - 1))]
    return [*rows[:place], spoilt, *rows[place + 1 :]]


def repeat(items: Sequence[Item], share: float, chance: Random) -> list[Item]:
    """Return `items`, a `share` of them twice in a row."""
    return [item for item in items for _ in range(2 if chance.random() < share else 1)]


def shuffle(items: Sequence[Item], share: float, chance: Random) -> list[Item]:
    """Return `items`, a `share` of them on each other's places."""
    moved = [place for place in range(len(items)) if chance.random() < share]
    targets = moved.copy()
    chance.shuffle(targets)
    mixed = list(items)
    for place, target in zip(moved, targets, strict=True):
        mixed[target] = items[place]
    return mixed
