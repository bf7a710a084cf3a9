"""A study is one search of parameters: a broken-off one goes on, the next one starts from the last winner."""

from alembic import op

revision = "0011"
down_revision = "0010"

_CHANGES = """
CREATE TABLE model_studies (
    id text PRIMARY KEY,
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    symbols text[] NOT NULL,
    timeframe text NOT NULL,
    horizon integer NOT NULL CHECK (horizon >= 1),
    method text NOT NULL CHECK (method IN ('optuna', 'grid')),
    as_of timestamptz NOT NULL,
    data_digest text NOT NULL CHECK (data_digest ~ '^[0-9a-f]{64}$'),
    started_at timestamptz NOT NULL,
    finished_at timestamptz CHECK (finished_at >= started_at),
    outcome jsonb,
    model_id text REFERENCES model_metadata ON DELETE SET NULL
);
CREATE INDEX ON model_studies (timeframe, horizon, ordinal DESC);

-- what a study knows is not said again by each of its trials
ALTER TABLE model_trials
    DROP COLUMN timeframe,
    DROP COLUMN horizon,
    DROP COLUMN model_id,
    ADD COLUMN rounds integer NOT NULL CHECK (rounds >= 0),
    ADD FOREIGN KEY (study) REFERENCES model_studies ON DELETE CASCADE,
    ADD CHECK (state IN ('done', 'failed')),
    ADD CHECK ((score IS NULL) = (state = 'failed'));
"""


def upgrade() -> None:
    """Make the table of studies; let trials hang on it."""
    op.execute(_CHANGES)
