"""Which secrets do containers need? One file each, made once, in a folder that keeps others out."""

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

MADE = (
    *("ray_token", "postgres_password", "postgres_app_password", "redis_password"),
    *("api_key", "api_admin_key", "grafana_admin_password"),
)
# empty until somebody has one: a certificate of one's own is key and chain in one PEM file
GIVEN = ("newsapi_key", "cryptopanic_token", "alert_channels", "edge_certificate")


@dataclass(frozen=True, slots=True)
class Written:
    """What `write_secrets` added, by name, and where."""

    folder: Path
    secrets: tuple[str, ...]
    settings: tuple[str, ...]


def write_secrets(folder: Path, *, env_file: Path) -> Written:
    """Make every secret file that is missing, and tell `env_file` where they are; what is there stays as it is.

    The files can be read by everybody, because the users of containers are others than here; so it
    is the folder, which nobody else may enter, that keeps them.

    Parameters
    ----------
    folder : Path
        Of the secrets.
    env_file : Path
        Compose's, beside which relative paths are meant.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    contents = {".gitignore": "*\n", **{name: secrets.token_hex(32) for name in MADE}, **dict.fromkeys(GIVEN, "")}
    made = [name for name, content in contents.items() if _write_new(folder / name, content)]
    told = _add_settings(
        env_file,
        {"SECRETS_FOLDER": _as_told(folder, env_file), "SOURCE": "recorded", "COMPOSE_PROFILES": "recorded"},
    )
    return Written(folder, tuple(name for name in made if name in MADE), tuple(told))


def _write_new(path: Path, content: str) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    # whatever the umask took away
    path.chmod(0o644)
    return True


def _add_settings(env_file: Path, settings: Mapping[str, str]) -> list[str]:
    before = env_file.read_text() if env_file.exists() else ""
    missing = [name for name in settings if name not in _named(before.splitlines())]
    # a last line without its end would swallow the first one
    start = "\n" if before and not before.endswith("\n") else ""
    if missing:
        env_file.write_text(before + start + "".join(f"{name}={settings[name]}\n" for name in missing))
    return missing


def _named(lines: Iterable[str]) -> set[str]:
    return {line.split("=", 1)[0].strip() for line in lines if "=" in line}


def _as_told(folder: Path, env_file: Path) -> str:
    home = env_file.resolve().parent
    absolute = folder.resolve()
    return f"./{absolute.relative_to(home)}" if absolute.is_relative_to(home) else str(absolute)
