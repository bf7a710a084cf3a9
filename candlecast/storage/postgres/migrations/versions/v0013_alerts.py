"""Alert rules, when they fired, and what became of each message."""

from alembic import op

revision = "0013"
down_revision = "0012"

_CHANGES = """
ALTER TABLE alert_rules
    ALTER COLUMN symbol_id SET NOT NULL,
    ALTER COLUMN timeframe SET NOT NULL,
    ADD COLUMN armed boolean NOT NULL DEFAULT true,
    ADD COLUMN last_value double precision,
    ADD COLUMN last_fired_at timestamptz,
    ADD UNIQUE (symbol_id, timeframe, rule);

-- the record outlives the rule, so it refers to none
CREATE TABLE alert_firings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_id bigint NOT NULL,
    symbol_id integer NOT NULL REFERENCES symbols,
    fired_at timestamptz NOT NULL,
    value double precision NOT NULL,
    title text NOT NULL,
    message text NOT NULL
);
CREATE INDEX ON alert_firings (rule_id, id DESC);

CREATE TABLE alert_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    firing_id bigint NOT NULL REFERENCES alert_firings,
    channel text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'failed', 'limited', 'expired')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    reason text,
    -- wall times: a replay's market is faster than a mail
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at timestamptz,
    UNIQUE (firing_id, channel),
    CHECK ((settled_at IS NULL) = (state = 'pending'))
);
CREATE INDEX ON alert_deliveries (channel, id) WHERE state = 'pending';
CREATE INDEX ON alert_deliveries (channel, settled_at) WHERE state = 'sent';
"""


def upgrade() -> None:
    """Let rules remember; make the tables of firings and deliveries."""
    op.execute(_CHANGES)
