"""Was this text judged before? Verdicts of the texts that were asked for lately."""

import threading
from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from cachetools import LRUCache

from candlecast.sentiment.engine import LABELS, Probabilities, SentimentEngine, Verdicts

_Verdict = tuple[Probabilities, str | None]


class CachedVerdicts:
    """Remembers verdicts by engine, version and digest of the text; safe to share between threads.

    Parameters
    ----------
    size : int
        Most verdicts that are remembered, about 300 bytes each; the longest unasked ones go first.
    """

    def __init__(self, *, size: int) -> None:
        self._known: LRUCache[bytes, _Verdict] = LRUCache(maxsize=size)
        self._lock = threading.Lock()

    def judge(self, engine: SentimentEngine, texts: Sequence[str]) -> Verdicts:
        """Return the verdicts of `engine`, asking it for each new text once."""
        kind = f"{engine.name}\0{engine.version}\0"
        keys = [sha256((kind + text).encode("utf-8", "surrogatepass")).digest() for text in texts]
        with self._lock:
            verdicts = {key: self._known[key] for key in keys if key in self._known}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in verdicts}
        if missing:
            found = engine.judge(list(missing.values()))
            new = dict(zip(missing, zip(found.probabilities, found.abstain_reasons, strict=True), strict=True))
            verdicts |= new
            with self._lock:
                self._known.update(new)
        rows = [verdicts[key] for key in keys]
        return Verdicts(
            np.array([row for row, _ in rows]).reshape(-1, len(LABELS)), tuple(reason for _, reason in rows)
        )
