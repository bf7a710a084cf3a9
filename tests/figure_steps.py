"""What the page's script does with the changes of a figure, in Python."""

from typing import Any


def applied(old: Any, steps: list[list[Any]]) -> Any:
    """Return a tree made by `steps` from `old`, which stays as it is."""
    root = [_copied(old)]
    for path, kind, *rest in steps:
        holder: Any = root
        where: str | int = 0
        for name in path:
            holder, where = holder[where], name
        if kind == "del":
            del holder[where]
        elif kind == "set":
            holder[where] = rest[0]
        else:
            holder[where] = _slid(holder[where], *rest)
    return root[0]


def _slid(old: list[Any], n_dropped: int, n_kept: int, tail: list[Any], changes: dict[str, Any]) -> list[Any]:
    found = [*old[n_dropped : n_dropped + n_kept], *tail]
    for place, value in changes.items():
        found[int(place)] = value
    return found


def _copied(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _copied(value) for name, value in tree.items()}
    return [_copied(item) for item in tree] if isinstance(tree, list) else tree
