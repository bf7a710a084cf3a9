"""Real PostgreSQL, Redis and Ray on this machine."""
