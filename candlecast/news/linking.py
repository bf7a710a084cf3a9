"""Which followed symbols is a text about? Those that it names: by ticker, by cashtag, or as people call them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from candlecast.market.symbols import Symbol
from candlecast.news.names import COINS, COMPANY_CONTEXT, CRYPTO_CONTEXT, STOCKS, WORDS

# Kraken's tickers of coins that all others call something else.
_SAME_COIN = {"XBT": "BTC", "XDG": "DOGE"}
_QUOTES = ("USDT", "USDC", "USD")
_TICKER = re.compile(r"(?<![\w$.&'’])(?P<sign>\$?)(?P<ticker>\^?[A-Za-z0-9]{1,12}(?:[.\-][A-Za-z])?)(?![\w&])")
# "an avalanche of", "the ripple effect": the word, whatever its capitals
_WORD_FOLLOWS = r"(?!\s+(?:of|effects?|in|on|to|for|up|through|across|into)\b)"
_FEWEST_CAPITALS = 10


@dataclass(frozen=True, slots=True)
class _Name:
    """How a market is called: as it is written, the ticker, and the words one of which must be near."""

    written: str
    ticker: str
    context: frozenset[str]

    @property
    def any_case(self) -> bool:
        return self.written.islower()


class SymbolLinker:
    """Finds the followed symbols that a text names.

    Parameters
    ----------
    symbols : iterable of Symbol
        What is followed. A coin stands for all its pairs: ``BTC`` for ``BTC/USDT`` and ``BTC/USD``.
    """

    def __init__(self, symbols: Iterable[Symbol]) -> None:
        self._followed: dict[str, list[str]] = defaultdict(list)
        for symbol in symbols:
            self._followed[_ticker_of(symbol)].append(symbol.name)
        # Names of what is not followed are known too: "Bitcoin Cash" is not Bitcoin.
        self._names = _names()
        self._pattern = _pattern(self._names)

    def link(self, article_text: str, codes: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the names of the followed symbols that a text is about.

        A ticker counts in capitals and as a word of its own, but for tickers of one letter, stocks of two
        letters and the words of `candlecast.news.names.WORDS`; a cashtag (``$btc``) counts always. In a
        text all of capitals a ticker is no sign, and only cashtags and names count. Names count as
        `candlecast.news.names` writes them, the longest one first.

        Parameters
        ----------
        article_text : str
            Plain text.
        codes : sequence of str
            Tickers that the feed itself names.

        Returns
        -------
        tuple of str
            Ascending, each once; empty when none is named.
        """
        tickers = {_SAME_COIN.get(code.upper(), code.upper()) for code in codes}
        shouted = _is_shouted(article_text)
        tickers |= self._called(article_text, shouted=shouted)
        tickers |= self._written(article_text, shouted=shouted)
        return tuple(sorted({name for ticker in tickers for name in self._followed.get(ticker, ())}))

    def _called(self, text: str, *, shouted: bool) -> set[str]:
        found: set[str] = set()
        words: set[str] | None = None
        for match in self._pattern.finditer(text):
            for name in self._names[match[0].lower()]:
                if not (name.any_case or match[0] == name.written or (shouted and not name.context)):
                    continue
                if name.context and words is None:
                    words = set(re.findall(r"\w+", text.lower()))
                # its own name must not be what makes a text one about such markets
                if not name.context or (words or set()) & (name.context - {name.written.lower()}):
                    found.add(name.ticker)
        return found

    def _written(self, text: str, *, shouted: bool) -> set[str]:
        found: set[str] = set()
        for match in _TICKER.finditer(text):
            ticker = match["ticker"].replace(".", "-")
            plain = match["sign"] == "" and (shouted or not ticker.isupper() or self._needs_sign(ticker))
            if not plain:
                found.add(_base(ticker.upper()))
        return found

    def _needs_sign(self, ticker: str) -> bool:
        base = _base(ticker)
        is_stock = any("/" not in name for name in self._followed.get(base, ()))
        return base.lower() in WORDS or len(base) < 2 or (is_stock and len(base) < 3)


def _ticker_of(symbol: Symbol) -> str:
    base = symbol.name.partition("/")[0].replace(".", "-")
    return _SAME_COIN.get(base, base)


def _base(ticker: str) -> str:
    base = next((ticker.removesuffix(quote) for quote in _QUOTES if ticker.endswith(quote)), ticker) or ticker
    return _SAME_COIN.get(base, base)


def _is_shouted(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) >= _FEWEST_CAPITALS and not any(letter.islower() for letter in letters)


def _names() -> dict[str, list[_Name]]:
    names: dict[str, list[_Name]] = defaultdict(list)
    for table, context in ((COINS, CRYPTO_CONTEXT), (STOCKS, COMPANY_CONTEXT)):
        for ticker, called in table.items():
            for name in called:
                written = name.removesuffix("?")
                names[written.lower()].append(_Name(written, ticker, context if written != name else frozenset()))
    return names


def _pattern(names: Mapping[str, list[_Name]]) -> re.Pattern[str]:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    parts = [
        re.escape(name) + (_WORD_FOLLOWS if all(each.context for each in names[name]) else "") for name in longest_first
    ]
    return re.compile(rf"(?<![\w$&])(?:{'|'.join(parts)})(?![\w&])", re.IGNORECASE)
