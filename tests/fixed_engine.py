"""A sentiment engine that says the same of every text."""

import numpy as np

from candlecast.sentiment.engine import Verdicts


class FixedEngine:
    def __init__(self, name, version, probabilities, *, reason=None):
        self.name = name
        self.version = version
        self._probabilities = probabilities
        self._reason = reason

    def judge(self, texts):
        rows = np.array([self._probabilities] * len(texts), dtype=np.float64).reshape(-1, 3)
        return Verdicts(rows, (self._reason,) * len(texts))
