"""One file per step of the schema, forward only: what is recorded is never dropped."""
