"""From venues to the database: load, follow, repair."""
