"""Evaluations: what was measured of which recipe, and when."""

from alembic import op

revision = "0010"
down_revision = "0009"

_TABLE = """
CREATE TABLE model_evaluations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    timeframe text NOT NULL,
    horizon integer NOT NULL CHECK (horizon >= 1),
    model_id text REFERENCES model_metadata ON DELETE SET NULL,
    evaluated_at timestamptz NOT NULL,
    report jsonb NOT NULL
);
CREATE INDEX ON model_evaluations (timeframe, horizon, evaluated_at DESC);
"""


def upgrade() -> None:
    """Make the table of evaluations."""
    op.execute(_TABLE)
