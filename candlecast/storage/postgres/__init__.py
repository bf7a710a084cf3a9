"""One file a table; the schema is in migrations."""
