"""An engine may abstain: the row says why and has no score, so that the article is not judged again and again."""

from alembic import op

revision = "0009"
down_revision = "0008"

_CHANGES = """
ALTER TABLE sentiment_table
    ALTER COLUMN score DROP NOT NULL,
    ALTER COLUMN label DROP NOT NULL,
    ADD COLUMN abstain_reason text,
    ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY,
    ADD CHECK ((score IS NULL) = (label IS NULL)),
    ADD CHECK ((score IS NULL) = (abstain_reason IS NOT NULL));

CREATE INDEX ON sentiment_table (engine, id);
CREATE INDEX ON news_table (known_at, id);
DROP INDEX news_table_known_at_idx;
"""


def upgrade() -> None:
    """Let a row of sentiment be an abstention; page through news by time and number."""
    op.execute(_CHANGES)
