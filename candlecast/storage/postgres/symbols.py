"""Which symbols does the database know? The table ``symbols``, each with its number."""

from collections.abc import Sequence

from candlecast.market.symbols import Symbol
from candlecast.storage.postgres.database import Database

_ENSURE = """
INSERT INTO symbols (symbol, asset_class, venue, calendar)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
ON CONFLICT (symbol) DO UPDATE
    SET asset_class = excluded.asset_class, venue = excluded.venue, calendar = excluded.calendar
    WHERE (symbols.asset_class, symbols.venue, symbols.calendar)
        IS DISTINCT FROM (excluded.asset_class, excluded.venue, excluded.calendar)
"""


class SymbolStore:
    """The table ``symbols``.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure(self, symbols: Sequence[Symbol]) -> dict[str, int]:
        """Store `symbols`, or bring what is stored of them up to date.

        Parameters
        ----------
        symbols : sequence of Symbol
            What is followed; the same one may occur twice.

        Returns
        -------
        dict of str to int
            Number of each of `symbols` by name.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        # One order for all callers, so that two of them never wait for each other.
        unique = sorted({symbol.name: symbol for symbol in symbols}.values(), key=lambda symbol: symbol.name)
        names = [symbol.name for symbol in unique]
        with self._database.transaction() as cursor:
            cursor.execute("SELECT symbol, asset_class, venue, calendar FROM symbols WHERE symbol = ANY(%s)", (names,))
            if {Symbol(*row) for row in cursor.fetchall()} != set(unique):
                columns = [names] + [[getattr(s, c) for s in unique] for c in ("asset_class", "venue", "calendar")]
                cursor.execute(_ENSURE, columns)
            cursor.execute("SELECT symbol, id FROM symbols WHERE symbol = ANY(%s)", (names,))
            return dict(cursor.fetchall())

    def all(self) -> dict[Symbol, int]:
        """Return every stored symbol and its number, ascending by name.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute("SELECT symbol, asset_class, venue, calendar, id FROM symbols ORDER BY symbol")
            return {Symbol(*row[:4]): row[4] for row in cursor.fetchall()}
