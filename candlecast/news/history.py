"""How is an archive of articles read? A table with a time and a title a row becomes items, the oldest first."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import cast

import pandas as pd

from candlecast.errors import InvalidRequestError
from candlecast.news.articles import FedItem
from candlecast.unpacking import open_bounded

FEED = "file"
CHUNK_ITEMS = 2_000
_COLUMNS = ("published_at", "title", "source", "url", "summary")
# A day without an hour may have been any of its hours: the article counts as published when the day is over.
_ONLY_A_DAY = r"\d{4}-\d{2}-\d{2}"
_YES = ("true", "1", "yes")
# others are no dates of news, nor of Python's
_DATES = (pd.Timestamp("1900-01-01", tz="UTC"), pd.Timestamp("9999-12-30", tz="UTC"))


def read_history(path: Path, *, chunk_items: int = CHUNK_ITEMS) -> Iterator[list[FedItem]]:
    """Yield the items of an archive, ascending by their publication, the undated ones last.

    Parameters
    ----------
    path : Path
        CSV, or CSV packed by gzip, in UTF-8 with a header. ``published_at``: ISO 8601, UTC where
        there is no zone; a bare day, or one with ``date_only`` true, stands for its end. ``title``,
        or ``text`` where a row has no title. ``source`` (the file's name where there is none), ``url``
        (an address under ``candlecast.invalid``, which leads nowhere, where there is none) and
        ``summary`` may be missing. Other columns are passed over.
    chunk_items : int
        Most items at a time.

    Yields
    ------
    list of FedItem
        An unreadable time is None.

    Raises
    ------
    InvalidRequestError
        When the file cannot be read, or lacks a column.
    """
    table = _read(path)
    for start in range(0, len(table), chunk_items):
        yield [_item(row) for row in table.iloc[start : start + chunk_items].itertuples(index=False)]


def _read(path: Path) -> pd.DataFrame:
    try:
        with open_bounded(path) as file:
            given = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8", encoding_errors="replace")
    except FileNotFoundError:
        raise InvalidRequestError(f"news file {path} does not exist; give a CSV of published_at,title") from None
    except (OSError, ValueError, EOFError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InvalidRequestError(f"news file {path} is no CSV: {reason}; it needs published_at,title") from error
    columns = [str(name).strip().lower() for name in given.columns]
    given = given.set_axis(columns, axis=1).loc[:, ~pd.Index(columns).duplicated()]
    if "text" in given.columns:
        titles = given["title"] if "title" in given.columns else given["text"]
        given["title"] = titles.where(titles.str.strip() != "", given["text"])
    if lacking := [name for name in ("published_at", "title") if name not in given.columns]:
        raise InvalidRequestError(
            f"news file {path} lacks {' and '.join(lacking)}, its columns are {', '.join(columns)[:200]}; "
            "it needs published_at and title (or text), and may have source, url, summary"
        )
    return _complete(given, path.name)


def _complete(given: pd.DataFrame, name: str) -> pd.DataFrame:
    table = given.reindex(columns=[*_COLUMNS, "date_only"], fill_value="")
    times = pd.to_datetime(table["published_at"], utc=True, format="ISO8601", errors="coerce")
    times = times.where(times.between(*_DATES))
    only_day = table["published_at"].str.strip().str.fullmatch(_ONLY_A_DAY)
    only_day |= table.pop("date_only").str.strip().str.lower().isin(_YES)
    table["published_at"] = times.mask(only_day, times.dt.floor("D") + pd.Timedelta(days=1))
    table["source"] = table["source"].where(table["source"].str.strip() != "", name)
    return table.sort_values("published_at", kind="stable", na_position="last")


def _item(row: object) -> FedItem:
    published, title, source, url, summary = cast("tuple[pd.Timestamp, str, str, str, str]", row)
    published_at = None if pd.isna(published) else published.to_pydatetime()
    address = url.strip() or _stand_in(published_at, source, title)
    return FedItem(FEED, source, address, title, summary, published_at)


def _stand_in(published_at: datetime | None, source: str, title: str) -> str:
    # The same row gives the same address, in whatever file it stands.
    told = "\n".join((str(published_at), source, title))
    return f"https://candlecast.invalid/{sha256(told.encode(errors='replace')).hexdigest()[:32]}"
