"""Models: what was trained on what, how good it was, where its artefact lies, and which one serves."""

from alembic import op

revision = "0003"
down_revision = "0002"

_TABLES = """
CREATE TABLE model_metadata (
    id text PRIMARY KEY,
    symbols text[] NOT NULL,
    timeframe text NOT NULL,
    horizon integer NOT NULL CHECK (horizon >= 1),
    algorithm text NOT NULL,
    features text[] NOT NULL,
    metrics jsonb NOT NULL,
    params jsonb NOT NULL,
    data_start timestamptz NOT NULL,
    data_end timestamptz NOT NULL CHECK (data_end >= data_start),
    artefact_path text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    status text NOT NULL CHECK (status IN ('candidate', 'champion', 'retired')),
    trained_at timestamptz NOT NULL,
    promoted_at timestamptz
);
CREATE UNIQUE INDEX one_champion ON model_metadata (timeframe, horizon) WHERE status = 'champion';
CREATE INDEX ON model_metadata (timeframe, horizon, trained_at DESC);

CREATE TABLE model_trials (
    study text NOT NULL,
    number integer NOT NULL,
    timeframe text NOT NULL,
    horizon integer NOT NULL,
    params jsonb NOT NULL,
    score double precision,
    state text NOT NULL,
    finished_at timestamptz NOT NULL,
    model_id text REFERENCES model_metadata,
    PRIMARY KEY (study, number)
);
"""


def upgrade() -> None:
    """Make the tables of models and tuning trials."""
    op.execute(_TABLES)
