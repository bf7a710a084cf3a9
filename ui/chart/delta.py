"""What changed between two figures? A short list of steps from one JSON tree to the next.

A step is ``[path, "set", value]``, ``[path, "del"]`` or ``[path, "slide", n_dropped, n_kept, tail, changes]``:
the list loses its first `n_dropped` items, keeps `n_kept`, ``tail`` joins its end, and ``changes`` maps
places of the new list to their values. So one new candle costs one item a list.
"""

from typing import Any

Step = list[Any]
Path = list[str | int]

# further than that two lists count as unrelated
_MOST_DROPPED = 64
_WORTH_SHARE = 0.5


def steps_between(old: Any, new: Any, *, path: Path | None = None) -> list[Step]:
    """Return the steps that make `new` of `old`; empty when they are equal."""
    here: Path = path or []
    if old == new:
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        gone: list[Step] = [[[*here, name], "del"] for name in old if name not in new]
        added: list[Step] = [[[*here, name], "set", new[name]] for name in new if name not in old]
        shared = (steps_between(old[name], new[name], path=[*here, name]) for name in new if name in old)
        return [*gone, *added, *(step for steps in shared for step in steps)]
    if isinstance(old, list) and isinstance(new, list) and old and new:
        if _holds_trees(old) or _holds_trees(new):
            return _between_trees(old, new, here)
        return [_slide(old, new, here)]
    return [[here, "set", new]]


def _holds_trees(items: list[Any]) -> bool:
    return any(isinstance(item, dict | list) for item in items)


def _between_trees(old: list[Any], new: list[Any], path: Path) -> list[Step]:
    if len(old) != len(new):
        return [[path, "set", new]]
    found = (
        steps_between(was, now, path=[*path, place]) for place, (was, now) in enumerate(zip(old, new, strict=True))
    )
    return [step for steps in found for step in steps]


def _slide(old: list[Any], new: list[Any], path: Path) -> Step:
    best: Step = [path, "set", new]
    fewest = max(1, int(_WORTH_SHARE * len(new)))
    for n_dropped in range(min(len(old), _MOST_DROPPED + 1)):
        kept = old[n_dropped : n_dropped + len(new)]
        if n_dropped and kept[0] != new[0] and kept[-1] != new[len(kept) - 1]:
            continue
        changes = {str(place): new[place] for place, was in enumerate(kept) if was != new[place]}
        tail = new[len(kept) :]
        if len(changes) + len(tail) < fewest:
            fewest = len(changes) + len(tail)
            best = [path, "slide", n_dropped, len(kept), tail, changes]
        if len(changes) <= 1:
            break
    return best
