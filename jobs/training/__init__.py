"""A training: its steps, who does them, and what is kept of a run that was killed."""
