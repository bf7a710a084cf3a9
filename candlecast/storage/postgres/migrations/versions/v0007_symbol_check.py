"""Candles are checked against the symbols once a statement: a foreign key looks each row up, half of a write's time."""

from alembic import op

revision = "0007"
down_revision = "0006"

# What the foreign key kept out stays out: candles of no symbol, and symbols that leave candles behind.
# AFTER triggers see what other transactions committed meanwhile: each query of a function reads anew.
_CHECK = """
ALTER TABLE ohlcv_table DROP CONSTRAINT ohlcv_table_symbol_id_fkey;

CREATE FUNCTION refuse_candles_of_no_symbol() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unknown integer := (
        SELECT min(symbol_id) FROM (SELECT DISTINCT symbol_id FROM written) candle
        WHERE NOT EXISTS (SELECT FROM public.symbols WHERE id = candle.symbol_id)
    );
BEGIN
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'candles of symbol %, which table symbols does not have', unknown
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refuse_candles_of_no_symbol AFTER INSERT ON ohlcv_table
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_candles_of_no_symbol();

CREATE FUNCTION keep_symbols_of_candles() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    needed integer;
BEGIN
    -- waits for every writer, whose check passed before, and lets the next one check after us
    LOCK TABLE ONLY ohlcv_table IN SHARE MODE;
    SELECT min(id) INTO needed FROM gone WHERE EXISTS (SELECT FROM ohlcv_table WHERE symbol_id = gone.id);
    IF needed IS NOT NULL THEN
        RAISE EXCEPTION 'symbol % still has candles in ohlcv_table', needed USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_symbols_of_candles AFTER DELETE ON symbols
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION keep_symbols_of_candles();

CREATE FUNCTION refuse_new_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the number of a symbol in % never changes', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
END $$;
CREATE TRIGGER refuse_new_number BEFORE UPDATE OF symbol_id ON ohlcv_table
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_new_number();
CREATE TRIGGER refuse_new_number BEFORE UPDATE OF id ON symbols
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_new_number();
"""


def upgrade() -> None:
    """Replace the foreign key of the candles by a check of each statement."""
    op.execute(_CHECK)
