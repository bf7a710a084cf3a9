"""Which engine judges? Opens them by name, each once, and imports only what that one needs."""

import threading
from typing import get_args

from candlecast.errors import InvalidRequestError
from candlecast.schemas import Engine
from candlecast.sentiment.engine import SentimentEngine
from candlecast.settings import SentimentSettings

ENGINES: tuple[Engine, ...] = get_args(Engine)


class Engines:
    """Engines that are opened when they are first asked for; safe to share between threads.

    Parameters
    ----------
    settings : SentimentSettings
        The model and its threads.
    """

    def __init__(self, settings: SentimentSettings) -> None:
        self._settings = settings
        self._opened: dict[Engine, SentimentEngine] = {}
        # one each: a lexicon does not wait for a model that loads
        self._locks = {name: threading.Lock() for name in ENGINES}

    def get(self, name: Engine | None = None) -> SentimentEngine:
        """Return an engine, the one of the settings without a name.

        Raises
        ------
        InvalidRequestError
            When there is no such engine.
        CandlecastError
            When its model cannot be loaded; the next call tries again.
        """
        wanted = self._settings.engine if name is None else name
        if wanted not in self._locks:
            raise InvalidRequestError(f"engine must be one of {', '.join(ENGINES)}, was {wanted!r}")
        with self._locks[wanted]:
            if wanted not in self._opened:
                self._opened[wanted] = self._open(wanted)
            return self._opened[wanted]

    def _open(self, name: Engine) -> SentimentEngine:
        if name == "transformer":
            return self._transformer()
        if name == "ensemble":
            return self._ensemble()
        from candlecast.sentiment.lexicon import LexiconEngine, VaderEngine

        return VaderEngine() if name == "vader" else LexiconEngine()

    def _transformer(self) -> SentimentEngine:
        from candlecast.sentiment.hub import find_model
        from candlecast.sentiment.transformer import TransformerEngine

        return TransformerEngine(find_model(self._settings.model), threads=self._settings.threads)

    def _ensemble(self) -> SentimentEngine:
        from candlecast.sentiment.ensemble import EnsembleEngine
        from candlecast.sentiment.transformer import TransformerEngine

        transformer = self.get("transformer")
        assert isinstance(transformer, TransformerEngine)
        return EnsembleEngine(transformer, self.get("lexicon"), blend=transformer.judgement.ensemble)


def open_engine(name: Engine, settings: SentimentSettings) -> SentimentEngine:
    """Return an engine of its own, for a program that needs one.

    Parameters
    ----------
    name : str
        One of `ENGINES`.
    settings : SentimentSettings
        The model and its threads.

    Raises
    ------
    InvalidRequestError
        When there is no such engine.
    CandlecastError
        When its model cannot be loaded.
    """
    return Engines(settings).get(name)
