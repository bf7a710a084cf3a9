"""Which secrets are given as files, and how does a password find its way into an address?"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsError

SUFFIX = "_FILE"


class SecretFiles(PydanticBaseSettingsSource):
    """Reads each secret setting whose variable with ``_FILE`` at its end names a file.

    Parameters
    ----------
    settings_cls : type
        Whose settings.
    source : EnvSettingsSource
        Where the variables are looked up.
    """

    def __init__(self, settings_cls: type[BaseSettings], source: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._variables = source.env_vars if isinstance(source, EnvSettingsSource) else {}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return nothing: `__call__` gives all groups at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the groups for which a file was named.

        Raises
        ------
        SettingsError
            When a file cannot be read.
        """
        found = dict[str, Any]()
        for name, group, field in _secrets(self.settings_cls):
            if path := self._variables.get(name.lower()):
                found.setdefault(group, {})[field] = _content(name, Path(path))
        return found


def named_files(settings_cls: type[BaseSettings], environment: Mapping[str, str]) -> dict[str, Path]:
    """Return the file that each variable names, by its name, whether the file is there or not."""
    names = [name for name, _, _ in _secrets(settings_cls)]
    return {name: Path(environment[name]) for name in names if environment.get(name)}


def with_password(url: SecretStr, password: SecretStr) -> SecretStr:
    """Return an address with a password in it, unless it has one, or there is none."""
    parts, given = urlsplit(url.get_secret_value()), password.get_secret_value()
    if not parts.netloc or not given or parts.password:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return SecretStr(urlunsplit(parts._replace(netloc=f"{user}:{quote(given, safe='')}@{host}")))


def _secrets(settings_cls: type[BaseSettings]) -> Iterator[tuple[str, str, str]]:
    prefix = settings_cls.model_config.get("env_prefix", "")
    for group, part in settings_cls.model_fields.items():
        if isinstance(part.annotation, type) and issubclass(part.annotation, BaseModel):
            fields = part.annotation.model_fields.items()
            names = [name for name, field in fields if field.annotation is SecretStr]
            yield from ((f"{prefix}{group}__{name}{SUFFIX}".upper(), group, name) for name in names)


def _content(name: str, path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"{name} names {path}, which cannot be read ({error.strerror})") from error
