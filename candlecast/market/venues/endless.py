"""What may ccxt compute from a number that an answer names? Nothing that takes for ever."""

from collections.abc import Callable

from ccxt.base import precise

# no price, amount or precision has more
MOST_DIGITS = 10_000

Precision = Callable[[str | None], str | None]


def bound_powers() -> None:
    """Have ccxt's decimals refuse what is further apart than `MOST_DIGITS`: 1e999999999 has a billion of them."""
    precise.pow10 = _pow10


def bounded_precision(parse: Precision) -> Precision:
    """Return ccxt's ``parse_precision`` for numbers of up to `MOST_DIGITS`: it writes one zero after the other."""

    def parse_precision(precision: str | None) -> str | None:
        if precision is not None:
            _check(int(precision))
        return parse(precision)

    return parse_precision


def _pow10(exponent: int) -> int:
    _check(exponent)
    return int(10**exponent)


def _check(n_digits: int) -> None:
    if abs(n_digits) > MOST_DIGITS:
        raise ValueError(f"a number of more than {MOST_DIGITS} digits")
