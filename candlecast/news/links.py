"""Which links may be stored? Addresses of the web that lead where they seem to lead, without what tracks readers."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

MAX_URL = 2_000

_PORTS = {"http": 80, "https": 443}
_TRACKING = re.compile(
    r"(?:utm_|mtm_|pk_|hsa_|vero_|oly_|_hs)\w*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|twclid|ttclid|yclid"
    r"|igshid|igsh|li_fat_id|mc_cid|mc_eid|mkt_tok|rb_clickid|s_cid|icid|ncid|cmpid|guccounter|guce_\w+|ref_src"
    r"|soc_src|soc_trk|__twitter_impression",
    re.IGNORECASE,
)
# Browsers read a backslash as a slash and drop white space; so an address with either may lead elsewhere.
_DECEIVING = re.compile(r"[\s\\\x00-\x20\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_HOST = re.compile(r"[^\s/?#@:%<>\"'`{}|^\\\[\]]+|\[[0-9a-f:.]+\]", re.IGNORECASE)
_SAFE = "/%:@!$&'()*+,;=~-._?"


@dataclass(frozen=True, slots=True)
class Link:
    """An address that may be followed, and the host that it leads to."""

    url: str
    host: str


def clean_link(raw: str) -> Link | None:
    """Return the address `raw` in one spelling, or None when nobody should follow it.

    Parameters
    ----------
    raw : str
        As a feed gave it.

    Returns
    -------
    Link or None
        ``http`` or ``https`` with a host, without credentials, fragment, default port and parameters
        that only track readers, at most `MAX_URL` ASCII characters but for the host. Two spellings
        of one page that differ in those only give one address.
    """
    text = raw.strip()
    if len(text) > MAX_URL or _DECEIVING.search(text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = _host(parts)
    if parts.scheme not in _PORTS or host is None:
        return None
    place = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    query = "&".join(part for part in parts.query.split("&") if part and not _tracks(part))
    path = quote(parts.path or "/", safe=_SAFE)
    url = f"{parts.scheme}://{place}{path}" + (f"?{quote(query, safe=_SAFE)}" if query else "")
    return Link(url, host) if len(url) <= MAX_URL else None


def _host(parts: SplitResult) -> str | None:
    if "@" in parts.netloc or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.rstrip(".")
    return host if _HOST.fullmatch(host) else None


def _tracks(parameter: str) -> bool:
    return _TRACKING.fullmatch(parameter.partition("=")[0]) is not None
