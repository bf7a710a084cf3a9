"""News and its sentiment: articles, the symbols they name, one score per engine and version."""

from alembic import op

revision = "0002"
down_revision = "0001"

_TABLES = """
CREATE TABLE news_table (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url_hash text NOT NULL UNIQUE,
    url text NOT NULL,
    title text NOT NULL,
    source text NOT NULL,
    published_at timestamptz,
    known_at timestamptz NOT NULL,
    estimated boolean NOT NULL DEFAULT false
);
CREATE INDEX ON news_table (known_at);

CREATE TABLE news_symbols (
    news_id bigint NOT NULL REFERENCES news_table ON DELETE CASCADE,
    symbol_id integer NOT NULL REFERENCES symbols,
    PRIMARY KEY (news_id, symbol_id)
);
CREATE INDEX ON news_symbols (symbol_id, news_id);

CREATE TABLE sentiment_table (
    news_id bigint NOT NULL REFERENCES news_table ON DELETE CASCADE,
    engine text NOT NULL,
    version text NOT NULL,
    score double precision NOT NULL CHECK (score BETWEEN -1 AND 1),
    label text NOT NULL CHECK (label IN ('negative', 'neutral', 'positive')),
    probabilities jsonb NOT NULL,
    scored_at timestamptz NOT NULL,
    PRIMARY KEY (news_id, engine, version)
);
"""


def upgrade() -> None:
    """Make the tables of news and sentiment."""
    op.execute(_TABLES)
