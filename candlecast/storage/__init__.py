"""PostgreSQL holds the truth, Redis saves work."""
