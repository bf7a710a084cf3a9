"""Which settings are found under the names that vendors gave their keys?"""

from collections.abc import Sequence
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

# names under which others keep these keys already
VENDOR_KEYS = {"NEWSAPI_KEY": ("news", "newsapi_key"), "CRYPTOPANIC_TOKEN": ("news", "cryptopanic_token")}


class VendorKeys(PydanticBaseSettingsSource):
    """Reads keys under the names that their vendors gave them.

    Parameters
    ----------
    settings_cls : type
        Whose settings.
    sources : sequence of EnvSettingsSource
        Where variables are looked up, the first one winning.
    """

    def __init__(self, settings_cls: type[BaseSettings], sources: Sequence[PydanticBaseSettingsSource]) -> None:
        super().__init__(settings_cls)
        self._variables = [source.env_vars for source in sources if isinstance(source, EnvSettingsSource)]

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return nothing: `__call__` gives all groups at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the groups in which a key was found."""
        found: dict[str, Any] = {}
        for name, (group, field) in VENDOR_KEYS.items():
            value = next((given for each in self._variables if (given := each.get(name.lower()))), None)
            if value:
                found.setdefault(group, {})[field] = value
        return found
