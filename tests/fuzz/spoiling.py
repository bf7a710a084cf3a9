"""Strategies for what is wrong with an answer, a file or a value: other types, NaN, depth, length, cuts, encodings."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st


class Long(bytes):
    """A body that a failing test does not print."""

    def __repr__(self) -> str:
        """Tell how it begins."""
        return f"Long({bytes(self[:12])!r} and so on, {len(self):,} bytes)"


DEEP = Long(b"[" * 100_000)
ENCODINGS = ("utf-16", "utf-32", "utf-8-sig", "latin-1", "utf-7", "cp037")
HUGE = 10**400

odd_numbers = st.sampled_from(
    [0, -1, 1, 2**31, 2**63, -(2**63) - 1, HUGE, -HUGE, 1e308, -0.0, 5e-324, float("nan"), float("inf"), -float("inf")]
)
odd_texts = st.sampled_from(
    ["", " ", "NaN", "Infinity", "-inf", "1e999", "1_000", "0x10", "١٢٣", "null", "\x00", "\ud800", "9" * 5_000, "a\nb"]
)
odd_times = st.sampled_from(
    ["0001-01-01", "9999-12-31T23:59:59.999999Z", "2021-02-30", "2021-01-01T00:00:00+99:99", "-1", "1e400", "now", "0"]
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), odd_numbers, odd_texts)
values = st.recursive(
    scalars | odd_times,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def mutated(draw: Callable[..., Any], document: Any) -> Any:
    """Draw a copy of nested lists and objects in which up to three places hold something else, twice or nothing."""
    copy = {"root": deepcopy(document)}
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(_places(copy)))
        change = draw(st.sampled_from(["replace", "drop", "double", "wrap"]))
        if change == "drop" and holder is not copy:
            del holder[key]
        elif change == "double" and isinstance(holder, list):
            holder.insert(key, deepcopy(holder[key]))
        elif change == "wrap":
            holder[key] = [holder[key]]
        else:
            holder[key] = draw(values)
    return copy["root"]


@st.composite
def cut_or_recoded(draw: Callable[..., Any], body: bytes) -> bytes:
    """Draw `body` cut, in another encoding, with bytes changed, or many times over."""
    kind = draw(st.sampled_from(["cut", "recode", "change", "repeat", "insert"]))
    place = draw(st.integers(0, len(body)))
    if kind == "cut":
        return body[:place]
    if kind == "recode":
        return body.decode("utf-8", "replace").encode(draw(st.sampled_from(ENCODINGS)), "replace")
    if kind == "repeat":
        return body * draw(st.integers(2, 5))
    other = draw(st.binary(min_size=1, max_size=8))
    return body[:place] + other + body[place + (len(other) if kind == "change" else 0) :]


def bodies_like(document: Any) -> st.SearchStrategy[bytes]:
    """Return a strategy of bodies in the place of `document` as JSON: of other content, of broken bytes, or no JSON."""
    return st.one_of(
        mutated(document).map(as_json),
        cut_or_recoded(as_json(document)),
        st.binary(max_size=60),
        st.sampled_from([b"", b"null", b"{}", b"[]", b"[[]]", DEEP, b"<html>no</html>", Long(b'{"a":' * 5_000)]),
    )


def as_json(document: Any) -> bytes:
    """Return `document` as JSON, NaN and lone surrogates as some servers write them."""
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _places(node: Any) -> list[tuple[Any, Any]]:
    # every key and index of nested dicts and lists, with what holds it
    found: list[tuple[Any, Any]] = []
    pending = [node]
    while pending:
        holder = pending.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        for key in keys:
            found.append((holder, key))
            if isinstance(holder[key], dict | list):
                pending.append(holder[key])
    return found
