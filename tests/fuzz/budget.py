"""How long is searched? Few examples, the same each time, by default; many new ones where ``FUZZ=long`` is set."""

import os

import hypothesis
from hypothesis import HealthCheck, Phase

LONG = os.environ.get("FUZZ") == "long"
LONG_FACTOR = 40


def searched(n_examples: int, **changes: object) -> hypothesis.settings:
    """Return settings for a test that takes `n_examples` by default."""
    every_phase = tuple(Phase) if LONG else (Phase.explicit, Phase.generate, Phase.shrink)
    settings = {
        "max_examples": n_examples * (LONG_FACTOR if LONG else 1),
        "derandomize": not LONG,
        "database": None,
        "deadline": None,
        "phases": every_phase,
        "suppress_health_check": list(HealthCheck),
    }
    return hypothesis.settings(**settings | changes)
