"""Gaps with a life: open until filled or until no venue has the candles, with who was asked and when."""

from alembic import op

revision = "0006"
down_revision = "0005"

# Nothing wrote to this table before, so no reason is lost and no count is invented.
_GAPS = """
ALTER TABLE candle_gaps
    DROP CONSTRAINT candle_gaps_pkey,
    DROP COLUMN reason,
    ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ADD COLUMN n_candles integer NOT NULL CHECK (n_candles >= 1),
    ADD COLUMN status text NOT NULL CHECK (status IN ('open', 'outage', 'repaired')),
    ADD COLUMN venues_asked text[] NOT NULL DEFAULT '{}',
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN asked_at timestamptz,
    ADD COLUMN settled_at timestamptz,
    ADD CHECK ((settled_at IS NULL) = (status = 'open'));
CREATE UNIQUE INDEX one_gap_a_start ON candle_gaps (symbol_id, timeframe, start_time) WHERE status <> 'repaired';
"""


def upgrade() -> None:
    """Let gaps be settled."""
    op.execute(_GAPS)
