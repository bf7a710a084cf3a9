"""In which order are series computed, over a history and candle by candle?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from candlecast.features.indicators import Array, Columns
from candlecast.features.technical.series import Series, Step, Values


@dataclass(frozen=True, slots=True)
class Plan:
    """Named series and all that they are made of, each once, parts first.

    Parameters
    ----------
    series : tuple of Series
        In an order in which every series stands after its parts.
    parts : tuple of tuple of int
        The places of each one's parts in `series`.
    columns : dict of str to int
        The place of each named series.
    """

    series: tuple[Series, ...]
    parts: tuple[tuple[int, ...], ...]
    columns: dict[str, int]

    @classmethod
    def of(cls, columns: Mapping[str, Series]) -> "Plan":
        """Order the series of `columns`."""
        places: dict[Series, int] = {}
        for series in columns.values():
            _place(series, places)
        parts = tuple(tuple(places[part] for part in series.parts) for series in places)
        return cls(tuple(places), parts, {name: places[series] for name, series in columns.items()})

    def batch(self, sources: Mapping[str, Array]) -> Columns:
        """Return the columns over a whole history.

        Parameters
        ----------
        sources : mapping of str to ndarray of shape (n,)
            The candles' columns that `source` names.

        Returns
        -------
        dict of str to ndarray of shape (n,)
            NaN where a value is not known.
        """
        kept = set(self.columns.values())
        last_use = {part: place for place, parts in enumerate(self.parts) for part in parts}
        found: dict[int, Array] = {}
        for place, series in enumerate(self.series):
            found[place] = self._compute(place, series, found, sources)
            for part in set(self.parts[place]) - kept:
                # a hundred thousand candles are a megabyte a series: let go of what is done with
                if last_use[part] == place:
                    del found[part]
        return {name: found[place] for name, place in self.columns.items()}

    def follow(self, sources: Mapping[str, Array]) -> "Follower":
        """Return what goes on, candle by candle, where `sources` end; parameters as for `batch`."""
        found: dict[int, Array] = {}
        steps: list[tuple[int, Step]] = []
        for place, series in enumerate(self.series):
            found[place] = self._compute(place, series, found, sources)
            if series.parts:
                history = [found[part] for part in self.parts[place]]
                steps.append((place, series.follow(self.parts[place], history)))
        names = {series.name: place for place, series in enumerate(self.series) if not series.parts}
        return Follower(self.columns, names, steps, [np.nan] * len(self.series))

    def _compute(self, place: int, series: Series, found: Mapping[int, Array], sources: Mapping[str, Array]) -> Array:
        if not series.parts:
            return sources[series.name]
        return series.batch(*(found[part] for part in self.parts[place]))


class Follower:
    """The series of a plan, going on candle by candle."""

    __slots__ = ("_columns", "_sources", "_steps", "_values")

    def __init__(
        self,
        columns: Mapping[str, int],
        sources: Mapping[str, int],
        steps: Sequence[tuple[int, Step]],
        values: Values,
    ) -> None:
        self._columns, self._sources, self._steps, self._values = columns, sources, steps, values

    def push(self, candle: Mapping[str, float]) -> dict[str, float]:
        """Take one more candle, by the names of its columns, and return every named series there."""
        values = self._values
        for name, place in self._sources.items():
            values[place] = candle[name]
        for place, step in self._steps:
            values[place] = step(values)
        return {name: values[place] for name, place in self._columns.items()}


def _place(series: Series, places: dict[Series, int]) -> None:
    if series in places:
        return
    for part in series.parts:
        _place(part, places)
    places[series] = len(places)
