"""How does a venue refuse? The body of its answer to a rate limit, a block and an error."""

from typing import Any

import orjson

TEXTS = {
    "rate_limit": "Too many requests; please slow down.",
    "blocked": "Service unavailable from a restricted location.",
    "error": "Internal error; unable to process your request. Please try again.",
}
BINANCE_CODES = {"rate_limit": -1003, "blocked": 0, "error": -1001}
KRAKEN_CODES = {
    "rate_limit": "EAPI:Rate limit exceeded",
    "blocked": "EGeneral:Permission denied",
    "error": "EService:Unavailable",
}
NEWSAPI_CODES = {"rate_limit": "rateLimited", "blocked": "sourceDoesNotExist", "error": "unexpectedError"}


def refusal(kind: str, venue: str) -> bytes:
    """Return what `venue` answers when a fault of `kind` refuses a request, as JSON."""
    text = TEXTS[kind]
    contents: dict[str, Any] = {
        "binance": {"code": BINANCE_CODES[kind], "msg": text},
        "kraken": {"error": [KRAKEN_CODES[kind]]},
        "coinbase": {"error": kind.upper(), "error_details": text, "message": text},
        "newsapi": {"status": "error", "code": NEWSAPI_CODES[kind], "message": text},
        "cryptopanic": {"status": "api_error", "info": text},
        "rss": {"error": text},
        "yahoo": {"finance": {"result": None, "error": {"code": kind, "description": text}}},
    }
    return orjson.dumps(contents[venue])
