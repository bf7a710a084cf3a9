"""What do engines say of the news? The table ``sentiment_table``, a row per story, engine and version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg2.extras import execute_values

from candlecast.schemas import SentimentScore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.json_column import json_value

_ADD = """
INSERT INTO sentiment_table
    (news_id, engine, version, score, label, probabilities, abstain_reason, scored_at)
VALUES %s ON CONFLICT DO NOTHING
"""
# By the order of writing: market time starts again with every replay.
_VERSION = "SELECT version FROM sentiment_table WHERE engine = %s ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class ScoredNews:
    """What one version of an engine says of one story; a score that abstains is kept too."""

    news_id: int
    engine: str
    version: str
    sentiment: SentimentScore
    scored_at: datetime


class SentimentStore:
    """The table ``sentiment_table``.

    Parameters
    ----------
    database : Database
        Where the table lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, rows: Sequence[ScoredNews]) -> int:
        """Store what engines say, all or none; what is stored stays. Return how many rows were new.

        An engine that abstains leaves a row without score and label but with its reason: it is not
        asked again, and the row counts nowhere.

        Raises
        ------
        StorageError
            When the database does not answer, or a story is not stored.
        """
        if not rows:
            return 0
        values = [
            (
                *(row.news_id, row.engine, row.version, row.sentiment.score, row.sentiment.label),
                *(json_value(row.sentiment.probabilities), row.sentiment.abstain_reason, row.scored_at),
            )
            for row in rows
        ]
        with self._database.transaction() as cursor:
            execute_values(cursor, _ADD, values, page_size=len(values))
            return cursor.rowcount

    def newest_version(self, engine: str) -> str | None:
        """Return the version of `engine` that judged last, None when it never did.

        Readers that do not open the engine itself take its scores by this.

        Raises
        ------
        StorageError
            When the database does not answer.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_VERSION, (engine,))
            found = cursor.fetchone()
            return None if found is None else str(found[0])
