"""What is no answer? What readers raise over one of another shape than documented, and figures that cannot be."""

import math
from typing import Any

# numbers and depths beyond all bounds among them
BROKEN_ANSWER = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
# the last millisecond that has a date
LATEST_MS = 253_402_300_799_999


def price_in(value: Any) -> float:
    """Return a price as a number.

    Raises
    ------
    TypeError, ValueError, OverflowError
        When it is none that anything can be sold at.
    """
    price = float(value)
    if not is_price(price):
        raise ValueError(f"a price of {price:g}")
    return price


def is_price(value: float) -> bool:
    """Tell whether `value` is finite and above 0."""
    return 0.0 < value < math.inf


def moment_in_ms(value: Any) -> int:
    """Return milliseconds since 1970 as a number.

    Raises
    ------
    TypeError, ValueError, OverflowError
        When they are those of no date.
    """
    moment_ms = int(value)
    if not 0 <= moment_ms <= LATEST_MS:
        raise ValueError(f"a candle that opens {moment_ms:.3g} ms after 1970")
    return moment_ms
