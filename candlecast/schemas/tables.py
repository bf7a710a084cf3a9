"""Answers that are lists, as data frames: one row an item, nested fields as columns of their own."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from candlecast.schemas.base import WireModel

if TYPE_CHECKING:
    import pandas as pd

Row = TypeVar("Row", bound=WireModel)
# what only wraps a row of its own gives its columns no prefix
_WRAPPERS = frozenset({"forecast", "price", "outcome"})


class Tabular(WireModel):
    """Base of answers that hold a list of rows in the field `rows_in`."""

    rows_in: ClassVar[str] = "items"

    def to_frame(self) -> "pd.DataFrame":
        """Return one row an item, in order; times are aware, what is null is missing."""
        return as_frame(self.table_rows())

    def table_rows(self) -> list[dict[str, Any]]:
        """Return the rows as flat objects."""
        return [flat(item) for item in getattr(self, self.rows_in)]


class Listing(list[Row]):
    """A list of wire models that can be a data frame."""

    def to_frame(self) -> "pd.DataFrame":
        """Return one row an item, in order; times are aware, what is null is missing."""
        return as_frame([flat(item) for item in self])


def flat(item: WireModel) -> dict[str, Any]:
    """Return the fields of `item` as one flat object.

    A nested field is ``outer_inner``, the interval of level 0.8 ``low_80`` and ``high_80``; lists of
    other things stay lists.
    """
    return _flat(item.model_dump(), prefix="")


def as_frame(rows: Sequence[Mapping[str, Any]]) -> "pd.DataFrame":
    """Return rows as a data frame; pandas is imported only when somebody wants one."""
    import pandas as pd

    return pd.DataFrame(list(rows))


def _flat(values: Mapping[str, Any], *, prefix: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            row |= _flat(value, prefix=prefix if name in _WRAPPERS else f"{prefix}{name}_")
        elif name == "intervals":
            for interval in value:
                level = f"{100 * interval['level']:g}"
                row |= {f"low_{level}": interval["low"], f"high_{level}": interval["high"]}
        elif value is not None or name not in _WRAPPERS:
            row[prefix + name] = value
    return row
