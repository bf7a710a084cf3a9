"""The ledger: forecasts as they were made, chained by hashes, and what came of them."""

from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES = """
CREATE TABLE predictions_table (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    symbol_id integer NOT NULL REFERENCES symbols,
    timeframe text NOT NULL,
    horizon integer NOT NULL CHECK (horizon >= 1),
    as_of timestamptz NOT NULL,
    model_id text NOT NULL REFERENCES model_metadata,
    made_at timestamptz NOT NULL,
    target_time timestamptz NOT NULL,
    last_close double precision NOT NULL,
    p_up double precision NOT NULL CHECK (p_up BETWEEN 0 AND 1),
    direction text NOT NULL CHECK (direction IN ('up', 'down', 'abstain')),
    abstain_reason text,
    expected_log_return double precision NOT NULL,
    expected_volatility double precision NOT NULL,
    intervals jsonb NOT NULL,
    sentiment jsonb NOT NULL,
    drivers jsonb NOT NULL,
    coverage_recent double precision,
    data_age_s double precision NOT NULL,
    data_stale boolean NOT NULL,
    data_source text NOT NULL,
    features_digest text NOT NULL,
    row_hash text NOT NULL UNIQUE,
    previous_hash text NOT NULL,
    -- wall time of the insert; market times differ from it in a replay
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (symbol_id, timeframe, horizon, as_of, model_id),
    CONSTRAINT made_before_target CHECK (made_at < target_time),
    CONSTRAINT made_from_the_past CHECK (as_of <= made_at)
);
CREATE INDEX ON predictions_table (target_time);
CREATE INDEX ON predictions_table (model_id);

CREATE TABLE prediction_heads (
    symbol_id integer NOT NULL REFERENCES symbols,
    timeframe text NOT NULL,
    horizon integer NOT NULL,
    model_id text NOT NULL REFERENCES model_metadata,
    row_hash text NOT NULL,
    PRIMARY KEY (symbol_id, timeframe, horizon, model_id)
);

CREATE TABLE outcomes_table (
    prediction_id bigint PRIMARY KEY REFERENCES predictions_table,
    realised_close double precision,
    realised_log_return double precision,
    realised_volatility double precision,
    settled_at timestamptz NOT NULL,
    unsettled_reason text,
    CHECK ((realised_close IS NULL) = (unsettled_reason IS NOT NULL)),
    CHECK ((realised_close IS NULL) = (realised_log_return IS NULL))
);
CREATE INDEX ON outcomes_table (settled_at);
"""


def upgrade() -> None:
    """Make the tables of the ledger."""
    op.execute(_TABLES)
