"""What does the address of the page say? Its query, read with bounds: anybody may send any link."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl

_LONGEST_QUERY = 4_000
_LONGEST_VALUE = 200
_MOST_FIELDS = 40


@dataclass(frozen=True, slots=True)
class Address:
    """The query of the page's address, field by field."""

    fields: Mapping[str, str]

    @classmethod
    def parse(cls, query: str | None) -> "Address":
        """Read a query such as ``?symbol=BTC%2FUSDT&tf=1h``; of a repeated field the last one counts."""
        text = (query or "")[:_LONGEST_QUERY].removeprefix("?")
        pairs = parse_qsl(text, keep_blank_values=True)[:_MOST_FIELDS]
        return cls(MappingProxyType({name: value[:_LONGEST_VALUE] for name, value in pairs}))

    def text(self, name: str) -> str:
        """Return a field, "" where it is absent."""
        return self.fields.get(name, "").strip()

    def words(self, name: str) -> tuple[str, ...]:
        """Return the comma-separated words of a field, in order and once each."""
        parts = (part.strip() for part in self.text(name).split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    def has(self, name: str) -> bool:
        """Tell whether the field is there, empty or not."""
        return name in self.fields
