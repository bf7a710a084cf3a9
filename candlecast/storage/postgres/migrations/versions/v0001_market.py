"""Symbols and candles: what the market did, what it first said, and what was refused."""

from alembic import op

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE symbols (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    symbol text NOT NULL UNIQUE CHECK (length(symbol) BETWEEN 1 AND 40),
    asset_class text NOT NULL CHECK (asset_class IN ('crypto', 'stock')),
    venue text NOT NULL,
    calendar text NOT NULL
);

CREATE TABLE ohlcv_table (
    symbol_id integer NOT NULL REFERENCES symbols,
    timeframe text NOT NULL,
    open_time timestamptz NOT NULL,
    close_time timestamptz NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    volume double precision,
    source text NOT NULL CHECK (octet_length(source) BETWEEN 1 AND 24),
    quality text NOT NULL CHECK (octet_length(quality) BETWEEN 1 AND 24),
    known_at timestamptz NOT NULL,
    PRIMARY KEY (symbol_id, timeframe, open_time),
    CHECK (open_time < close_time),
    -- NaN is above infinity, so the last comparison refuses both
    CHECK (low >= 0 AND low <= least(open, close) AND high >= greatest(open, close) AND high < 'infinity'),
    CHECK (volume >= 0 AND volume < 'infinity')
) PARTITION BY RANGE (open_time);

CREATE TABLE ohlcv_revisions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    symbol_id integer NOT NULL REFERENCES symbols,
    timeframe text NOT NULL,
    open_time timestamptz NOT NULL,
    close_time timestamptz NOT NULL,
    open double precision NOT NULL,
    high double precision NOT NULL,
    low double precision NOT NULL,
    close double precision NOT NULL,
    volume double precision,
    source text NOT NULL,
    quality text NOT NULL,
    known_from timestamptz NOT NULL,
    known_until timestamptz NOT NULL
);
CREATE INDEX ON ohlcv_revisions (symbol_id, timeframe, open_time);

CREATE TABLE candle_gaps (
    symbol_id integer NOT NULL REFERENCES symbols,
    timeframe text NOT NULL,
    start_time timestamptz NOT NULL,
    end_time timestamptz NOT NULL CHECK (end_time > start_time),
    reason text NOT NULL,
    noticed_at timestamptz NOT NULL,
    PRIMARY KEY (symbol_id, timeframe, start_time)
);

CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    symbol_id integer NOT NULL REFERENCES symbols,
    timeframe text NOT NULL,
    open_time timestamptz,
    open double precision,
    high double precision,
    low double precision,
    close double precision,
    volume double precision,
    source text NOT NULL,
    reason text NOT NULL,
    seen_at timestamptz NOT NULL,
    UNIQUE NULLS NOT DISTINCT (symbol_id, timeframe, open_time, source, reason)
);
CREATE INDEX ON quarantine (symbol_id, seen_at);
"""

# Attaching takes a weaker lock on the parent than CREATE TABLE … PARTITION OF, so readers go on.
_PARTITIONS = """
CREATE FUNCTION ensure_candle_partitions(first timestamptz, last timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    month timestamptz := date_trunc('month', first);
    name text;
    made integer := 0;
BEGIN
    IF last - first > interval '100 years' THEN
        RAISE EXCEPTION 'candle partitions: range must be at most 100 years, was % to %', first, last
            USING ERRCODE = 'check_violation';
    END IF;
    WHILE month <= last LOOP
        name := 'ohlcv_' || to_char(month, 'YYYY_MM');
        IF to_regclass(name) IS NULL THEN
            PERFORM pg_advisory_xact_lock(hashtext('ensure_candle_partitions'));
            -- a query, since to_regclass() would answer from a cache filled before the wait
            IF NOT EXISTS (SELECT FROM pg_class WHERE relname = name AND relnamespace = 'public'::regnamespace) THEN
                EXECUTE format('CREATE TABLE %I (LIKE ohlcv_table INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
                EXECUTE format('ALTER TABLE ohlcv_table ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                    name, month, month + interval '1 month');
                made := made + 1;
            END IF;
        END IF;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION ensure_candle_partitions FROM PUBLIC;
"""


def upgrade() -> None:
    """Make the tables of the market."""
    op.execute(_TABLES)
    op.execute(_PARTITIONS)
