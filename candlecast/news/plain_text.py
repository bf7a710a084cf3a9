"""How does markup become text? By the sanitiser, again and again until nothing in it could be markup."""

import html
import re

import nh3

# Read no further than this many characters for each one that is kept: markup is longer than its text,
# and what a stranger sends must not cost seconds.
_RAW_FACTOR = 10
# text that was escaped more often than this was made to deceive
_MOST_PASSES = 8
_BLOCK_TAGS = "p|br|div|li|ul|ol|h[1-6]|t[dhr]|table|tbody|hr|img|blockquote|figure|figcaption"
_BLOCK = re.compile(rf"<(?=/?(?:{_BLOCK_TAGS})\b)", re.IGNORECASE)
# What is not seen or changes how the rest is seen: C0 and C1 controls that are no white space, soft hyphen,
# joiners, bidirectional marks, blank letters, surrogates, private use, tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)


def plain_text(raw: str, *, limit: int) -> str:
    """Return what a reader would see of `raw`.

    Parameters
    ----------
    raw : str
        Any text, with or without HTML, of any length.
    limit : int
        Most characters that are returned, at least 2; a longer text is cut after a word and ends
        with "…".

    Returns
    -------
    str
        Without tags, entities, scripts, styles, controls and invisible letters; white space folded
        to single blanks. Empty when nothing is left, or when the text still changes after
        `_MOST_PASSES` rounds of unescaping. Cleaning it again changes nothing.
    """
    text = _visible(raw[: limit * _RAW_FACTOR])
    for _ in range(_MOST_PASSES):
        if "<" not in text and "&" not in text:
            return _cut(text, limit)
        before = text
        text = _visible(html.unescape(nh3.clean(_BLOCK.sub(" <", text), tags=set())))
        if text == before:
            return _cut(text, limit)
    return ""


def _visible(text: str) -> str:
    return " ".join(_UNSEEN.sub("", text).split())


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    # A word that is longer than half the text is cut within: it is no word.
    at_word = head.rfind(" ") if text[limit - 1] != " " else limit - 1
    return (head[:at_word] if at_word > limit // 2 else head).rstrip() + "…"
