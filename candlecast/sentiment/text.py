"""Which words is a headline made of, once addresses, signs, inflections and empty words are put aside?

Nothing in here belongs before VADER or a transformer: both want the text as it was written.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from html import unescape
from typing import Any

MAX_CHARACTERS = 10_000

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# invisible characters, those that turn the direction of writing, and those that mean nothing by themselves
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff]")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_TYPOGRAPHY = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "−": "-", "–": "-", "—": "-"})

_TOKEN = re.compile(
    r"""
    (?P<initials>\b(?:[^\W\d_]\.){2,})
  | (?P<minus>(?<![^\s(])-)?(?<![\w.])[$€£¥₹]?(?P<value>\d{1,18}(?:,\d{3}){0,6}(?:\.\d{1,18})?|\.\d{1,18})
    (?P<scale>(?:k|mn?|bn?|tn?)\b|\s?(?:thousand|million|mln|billion|bln|trillion)\b)?
    (?P<percent>\s?(?:%|pct\b|percent\b|per\ cent\b))?(?:'s\b)?(?!\w)
  | (?P<word>\w+(?:[&'.]\w+)*)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SCALES = {"k": 10**3, "thousand": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}

_EMPTY = """
a about after again all also am amid an and any are as at be because been before being both by can could did do does
doing during each few for from further had has have having he her here hers him his how i if in into is it its itself
just may me might more most must my of off on once only or other our ours own per re same say says she should since so
some such than that the their theirs them then there these they this those through to too until upon very via was we
were what when where whether which while who whom whose why will with within would you your yours
"""
# words without which a headline says the same; "no", "not", "up", "down", "over", "under" are none of them
STOP_WORDS = frozenset(_EMPTY.split())
# where a dictionary goes wrong in markets: names, irregular verbs, and degrees that are directions
_OWN_LEMMAS = """
fed:fed us:us data:data media:media holdings:holdings better:better best:best worse:worse worst:worst higher:higher
lower:lower less:less least:least stronger:stronger weaker:weaker losses:loss rose:rise won:win broke:break lay:lay
laid:lay cutting:cut topping:top beating:beat not:not cannot:not aint:not dont:not wont:not cant:not isnt:not
"""
_LEMMAS = dict(pair.split(":") for pair in _OWN_LEMMAS.split())


@dataclass(frozen=True, slots=True)
class Token:
    """A word or number of a cleaned text as `tokenise` writes it, and its place there, `[start, end)`."""

    text: str
    start: int
    end: int


def clean(text: str) -> str:
    """Return `text` on one line without addresses, invisible characters and typographic variants.

    Parameters
    ----------
    text : str
        Any text; what comes after `MAX_CHARACTERS` is not read.

    Returns
    -------
    str
        HTML entities are resolved once, letters are in their usual (NFKC) form, runs of blanks are one.
    """
    plain = unicodedata.normalize("NFKC", unescape(text[:MAX_CHARACTERS]))[:MAX_CHARACTERS]
    plain = _CONTROLS.sub(" ", _INVISIBLE.sub("", plain)).translate(_TYPOGRAPHY)
    return " ".join(_ADDRESS.sub(" ", plain).split())


def tokenise(text: str) -> tuple[str, ...]:
    """Return the words and numbers of `text` in lower case and in their order.

    Parameters
    ----------
    text : str
        Any text; it is cleaned first.

    Returns
    -------
    tuple of str
        ``$BTC``, ``@coinbase`` and ``#defi`` are words without their sign, parts of ``all-time`` are two words,
        ``U.S.`` is ``us``, a possessive ending is dropped. A number is written out, so that ``$1.5bn`` and
        ``1,500 million`` are both ``1500000000``; a per cent sign stays, as does a minus at the start of a word.
    """
    return tuple(token.text for token in tokens_of(clean(text)))


def tokens_of(cleaned: str) -> list[Token]:
    """Return the tokens of a text that `clean` gave, in their order, each with its place."""
    found = (Token(_written(match), match.start(), match.end()) for match in _TOKEN.finditer(cleaned))
    return [token for token in found if token.text]


def content_words(text: str) -> tuple[str, ...]:
    """Return the lemmas of `text` without stop words, in their order.

    Parameters
    ----------
    text : str
        Any text; it is cleaned and tokenised first.

    Returns
    -------
    tuple of str
        Negations are kept, and those by ``n't`` are ``not``; numbers are kept as `tokenise` writes them.
    """
    return tuple(lemma(token) for token in tokenise(text) if token not in STOP_WORDS)


@lru_cache(maxsize=16_384)
def lemma(token: str) -> str:
    """Return the dictionary form of one token of `tokenise`, the token itself where none is known."""
    if token in _LEMMAS:
        return _LEMMAS[token]
    if token.endswith("n't"):
        return "not"
    if not token.isalpha():
        return token
    return str(_lemmatiser().lemmatize(token, lang="en")).lower()


@cache
def _lemmatiser() -> Any:
    # simplemma reads its dictionary into memory: only processes that ask for lemmas pay for it
    from simplemma import Lemmatizer

    return Lemmatizer()


def _written(match: re.Match[str]) -> str:
    if match["value"]:
        return _number(match)
    if match["initials"]:
        return match["initials"].replace(".", "").lower()
    return match["word"].strip("_").lower().removesuffix("'s")


def _number(match: re.Match[str]) -> str:
    value = Decimal(match["value"].replace(",", ""))
    if match["scale"]:
        scale = match["scale"].strip().lower()
        value *= _SCALES[scale if scale in _SCALES else scale[0]]
    written = f"{value:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return f"{'-' if match['minus'] else ''}{written or '0'}{'%' if match['percent'] else ''}"
