"""How do rows that were built symbol by symbol become one panel?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from candlecast.models.rows import PanelRows, RowNumbers


def join_rows(parts: Sequence[PanelRows]) -> PanelRows:
    """Return the rows of several panels, one symbol each, as `collect_rows` gives them for all at once.

    Parameters
    ----------
    parts : sequence of PanelRows
        At least one; of the same columns, each of one symbol, in any order.
    """
    ordered = sorted(parts, key=lambda part: part.names)
    return replace(
        ordered[0],
        features=np.concatenate([part.features for part in ordered]),
        targets=pd.concat([part.targets for part in ordered], ignore_index=True),
        closes=pd.DatetimeIndex(pd.concat([pd.Series(part.closes) for part in ordered], ignore_index=True)),
        symbol=np.repeat(np.arange(len(ordered)), [len(part.symbol) for part in ordered]),
        names=tuple(name for part in ordered for name in part.names),
    )


def of_symbols(rows: PanelRows, chosen: RowNumbers, symbols: Sequence[str]) -> RowNumbers:
    """Return those of the row numbers `chosen` that belong to `symbols`."""
    return chosen[np.isin(np.array(rows.names)[rows.symbol[chosen]], symbols)]


def with_features(rows: PanelRows, names: Sequence[str]) -> PanelRows:
    """Return `rows` with the feature columns `names` alone; nothing is copied where they are all there are."""
    if tuple(names) == rows.feature_names:
        return rows
    places = [rows.feature_names.index(name) for name in names]
    return replace(rows, features=rows.features[:, places], feature_names=tuple(names))
