"""What is written down beside the ledger: facts of outcomes, missed forecasts, the track record, drift."""

from alembic import op

revision = "0012"
down_revision = "0011"

_OUTCOMES = """
-- return of a position held from the first open that could be acted on; what naive forecasters could know at as_of;
-- the digest of the row, bound to its forecast's
ALTER TABLE outcomes_table
    ADD COLUMN held_log_return double precision,
    ADD COLUMN last_direction text CHECK (last_direction IN ('up', 'down')),
    ADD COLUMN histvol double precision CHECK (histvol >= 0),
    ADD COLUMN p_always_up double precision CHECK (p_always_up BETWEEN 0 AND 1),
    ADD COLUMN p_last_direction double precision CHECK (p_last_direction BETWEEN 0 AND 1),
    ADD COLUMN row_hash text NOT NULL;

CREATE INDEX ON predictions_table (symbol_id, timeframe, target_time, id);

-- every forecast with a target up to then is settled
CREATE TABLE settling_marks (
    id integer PRIMARY KEY CHECK (id = 1),
    settled_until timestamptz NOT NULL
);

CREATE TABLE forecast_misses (
    symbol_id integer NOT NULL REFERENCES symbols,
    timeframe text NOT NULL,
    horizon integer NOT NULL CHECK (horizon >= 1),
    as_of timestamptz NOT NULL,
    model_id text NOT NULL REFERENCES model_metadata,
    target_time timestamptz NOT NULL,
    noticed_at timestamptz NOT NULL,
    cause text NOT NULL,
    PRIMARY KEY (symbol_id, timeframe, horizon, model_id, as_of)
);
CREATE INDEX ON forecast_misses (timeframe, horizon, model_id, as_of);
"""

_SERIES_DAY = """
    symbol_id integer NOT NULL REFERENCES symbols,
    timeframe text NOT NULL,
    horizon integer NOT NULL,
    model_id text NOT NULL REFERENCES model_metadata,
    day date NOT NULL,
"""
_SUMMARY = f"""
-- sums over the settled forecasts of one series, model and UTC day of as_of
CREATE TABLE track_record_days (
    {_SERIES_DAY}
    n integer NOT NULL,
    n_unsettled integer NOT NULL,
    ups integer NOT NULL,
    hits integer NOT NULL,
    calls integer NOT NULL,
    call_hits integer NOT NULL,
    rises integer NOT NULL,
    ups_after_rise integer NOT NULL,
    falls integer NOT NULL,
    ups_after_fall integer NOT NULL,
    fills integer NOT NULL,
    call_fills integer NOT NULL,
    last_fills integer NOT NULL,
    brier double precision NOT NULL,
    log_loss double precision NOT NULL,
    brier_always_up double precision NOT NULL,
    log_loss_always_up double precision NOT NULL,
    brier_last_direction double precision NOT NULL,
    log_loss_last_direction double precision NOT NULL,
    edge_bps double precision NOT NULL,
    edge_always_up_bps double precision NOT NULL,
    edge_last_direction_bps double precision NOT NULL,
    PRIMARY KEY (timeframe, horizon, model_id, day, symbol_id)
);

CREATE TABLE track_record_levels (
    {_SERIES_DAY}
    level double precision NOT NULL,
    n integer NOT NULL,
    covered integer NOT NULL,
    width double precision NOT NULL,
    score double precision NOT NULL,
    histvol_n integer NOT NULL,
    histvol_covered integer NOT NULL,
    histvol_width double precision NOT NULL,
    histvol_score double precision NOT NULL,
    PRIMARY KEY (timeframe, horizon, model_id, day, symbol_id, level)
);

CREATE TABLE track_record_bins (
    {_SERIES_DAY}
    bin integer NOT NULL CHECK (bin BETWEEN 0 AND 9),
    n integer NOT NULL,
    p_up double precision NOT NULL,
    ups integer NOT NULL,
    PRIMARY KEY (timeframe, horizon, model_id, day, symbol_id, bin)
);

CREATE TABLE drift_states (
    timeframe text NOT NULL,
    horizon integer NOT NULL,
    model_id text NOT NULL REFERENCES model_metadata ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('loss', 'features', 'coverage')),
    alarm boolean NOT NULL,
    since timestamptz NOT NULL,
    checked_at timestamptz NOT NULL,
    detail text NOT NULL,
    PRIMARY KEY (timeframe, horizon, model_id, kind)
);
"""


def upgrade() -> None:
    """Make the tables of the record."""
    op.execute(_OUTCOMES)
    op.execute(_SUMMARY)
