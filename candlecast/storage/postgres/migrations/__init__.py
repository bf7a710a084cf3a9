"""How did the tables come to be? Alembic scripts, applied in order by `candlecast.storage.postgres.migrate`."""
