"""What the scheduler decided of each slot, and what became of it."""

from alembic import op

revision = "0015"
down_revision = "0014"

_TABLE = """
CREATE TABLE scheduled_runs (
    job text NOT NULL,
    -- market time
    slot timestamptz NOT NULL,
    -- 0: nothing was submitted
    attempt integer NOT NULL CHECK (attempt >= 0),
    job_id text,
    state text NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'stopped', 'lost', 'skipped')),
    detail text NOT NULL DEFAULT '',
    -- wall time
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (job, slot),
    CHECK ((job_id IS NULL) = (attempt = 0))
);
CREATE INDEX ON scheduled_runs (job) WHERE state = 'running';
"""


def upgrade() -> None:
    """Make the table of scheduled runs."""
    op.execute(_TABLE)
