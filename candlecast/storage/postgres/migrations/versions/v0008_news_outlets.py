"""Stories and their outlets: near-duplicates count once, every address that told the story is listed."""

from alembic import op

revision = "0008"
down_revision = "0007"

_TABLES = """
ALTER TABLE news_table
    ADD COLUMN feed text NOT NULL DEFAULT '',
    ADD COLUMN summary text NOT NULL DEFAULT '',
    ADD CHECK (char_length(title) <= 300),
    ADD CHECK (url ~ '^https?://');

CREATE TABLE news_outlets (
    url_hash text PRIMARY KEY,
    news_id bigint NOT NULL REFERENCES news_table ON DELETE CASCADE,
    source text NOT NULL,
    url text NOT NULL CHECK (url ~ '^https?://'),
    known_at timestamptz NOT NULL
);
CREATE INDEX ON news_outlets (news_id);
"""


def upgrade() -> None:
    """Make the table of outlets; a story keeps the address at which it was first known."""
    op.execute(_TABLES)
