"""Who may ask and who is told: digests of API keys with their scope, and alert rules."""

from alembic import op

revision = "0005"
down_revision = "0004"

_TABLES = """
CREATE TABLE api_keys (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL UNIQUE CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    scope text NOT NULL CHECK (scope IN ('read', 'admin')),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE TABLE alert_rules (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    symbol_id integer REFERENCES symbols,
    timeframe text,
    rule jsonb NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX ON alert_rules (symbol_id);
"""


def upgrade() -> None:
    """Make the tables of keys and alerts."""
    op.execute(_TABLES)
