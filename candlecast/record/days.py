"""What did each day of the record come to? The same figures as the whole, without intervals."""

from typing import Any

import pandas as pd

from candlecast.schemas import RecordDay

_SHARES = (("accuracy", "hits"), ("brier", "brier"), ("log_loss", "log_loss"))


def record_days(sums: pd.DataFrame, levels: pd.DataFrame | None) -> list[RecordDay]:
    """Return the days of one group, ascending; weighed by `n`, their figures add up to those of the whole.

    Parameters
    ----------
    sums : DataFrame
        One row a `day`, as `Summary.days` has them for one group.
    levels : DataFrame or None
        One row a `day` and `level`, as `Summary.levels`.
    """
    covered = {day: part for day, part in levels.groupby("day")} if levels is not None else {}
    return [
        RecordDay(day=row["day"], n=int(row["n"]), figures=_shares(row) | _coverage(covered.get(row["day"])))
        for row in sums.sort_values("day").to_dict("records")
    ]


def _shares(row: dict[Any, Any]) -> dict[str, float | None]:
    return {metric: row[name] / row["n"] if row["n"] else None for metric, name in _SHARES}


def _coverage(levels: pd.DataFrame | None) -> dict[str, float | None]:
    rows = [] if levels is None else levels.sort_values("level").to_dict("records")
    return {f"coverage_{round(100 * row['level'])}": row["covered"] / row["n"] for row in rows if row["n"]}
