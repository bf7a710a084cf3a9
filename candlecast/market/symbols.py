"""What is a symbol? The name of a market, and what follows from it."""

import re
from dataclasses import dataclass
from typing import Literal

from candlecast.errors import InvalidRequestError

AssetClass = Literal["crypto", "stock"]

_MAX_NAME = 40
_NAME = re.compile(r"[A-Z0-9]+/[A-Z0-9]+|\^?[A-Z0-9][A-Z0-9.\-=]*")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A market that is followed: its name, kind, home venue and calendar."""

    name: str
    asset_class: AssetClass
    venue: str
    calendar: str

    @classmethod
    def parse(cls, name: str, *, home: str = "binance") -> "Symbol":
        """Read ``BTC/USDT`` as a crypto pair of the venue `home`, ``AAPL`` as a stock of New York.

        Raises
        ------
        InvalidRequestError
            When `name` is neither ``BASE/QUOTE`` nor a ticker of letters, digits and ``. - ^ =``.
        """
        text = name.strip().upper()
        if len(text) > _MAX_NAME or not _NAME.fullmatch(text):
            shown = repr(name[:_MAX_NAME])
            raise InvalidRequestError(f"symbol {shown} is not a symbol; write a pair as BTC/USDT, a stock as AAPL")
        if "/" in text:
            return cls(text, "crypto", home, "24/7")
        return cls(text, "stock", "yahoo", "XNYS")
