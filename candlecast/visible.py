"""What may a foreign text do to a terminal or a log? Nothing: characters that act are written out."""


def visible(text: str) -> str:
    r"""Return `text` on one line, with every character that does not print written out, as ``\\n`` or ``\\x1b``."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
