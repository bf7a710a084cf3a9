"""Keys of the HTTP API: made, listed and revoked by the operator; and the secret files of containers."""

from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from candlecast.access import KeyRecord, Scope
from candlecast.bootstrap import open_database
from candlecast.errors import InvalidRequestError
from candlecast.key_desk import KeyDesk, NewKey, init_keys
from candlecast.key_files import write_secrets
from candlecast.storage.postgres.keys import KeyStore
from jobs.entry import load_settings, show

AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object")]

keys = typer.Typer(no_args_is_help=True, help="Keys of the HTTP API, and the secret files of containers.")


@keys.command()
def init(
    folder: Annotated[Path, typer.Option(help="where the secret files shall be")] = Path("secrets"),
    as_json: AsJson = False,
) -> None:
    """Make the passwords, tokens and keys that Compose needs, one file each; what is there stays; needs no database.

    Beside the folder a file .env is told where they are.
    """
    written = write_secrets(folder, env_file=folder.parent / ".env")
    text = f"{len(written.secrets)} secrets written to {folder}: {', '.join(written.secrets) or 'all were there'}"
    result = {"folder": str(folder), "secrets": written.secrets, "settings": written.settings}
    show(result, text=text, as_json=as_json)


@keys.command()
def store(as_json: AsJson = False) -> None:
    """Store the keys of the settings (api.key, api.admin_key), else make the first admin key; safe to repeat."""
    made = init_keys(load_settings())
    if made is None:
        show({"created": None}, text="keys are in force", as_json=as_json)
    else:
        _show_new(made, as_json=as_json)


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="who uses it, as dashboard")],
    scope: Annotated[str, typer.Option(help="read, or admin: promotes models and starts jobs too")] = "read",
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, this once: only its digest is stored.

    Example: candlecast keys create dashboard
    """
    scopes: dict[str, Scope] = {each: each for each in get_args(Scope)}
    if scope not in scopes:
        raise InvalidRequestError(f"scope must be one of {', '.join(scopes)}, was {scope!r}")
    _show_new(_desk().create(name, scopes[scope]), as_json=as_json)


@keys.command()
def revoke(name: Annotated[str, typer.Argument(help="as `keys list` shows it")], as_json: AsJson = False) -> None:
    """Take a key out of force; it is refused within seconds."""
    record = _desk().revoke(name)
    show(_row(record), text=f"key {record.name} is revoked", as_json=as_json)


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Print all keys, revoked ones too; none of them can be read back."""
    records = KeyStore(open_database(load_settings())).list()
    lines = [f"{one.name:24} {one.scope:6} {_state(one):8} made {one.created_at:%Y-%m-%d %H:%M}Z" for one in records]
    text = "\n".join(lines) or "there is no key; `candlecast keys store` makes the first one"
    show({"keys": [_row(record) for record in records]}, text=text, as_json=as_json)


def _desk() -> KeyDesk:
    return KeyDesk(KeyStore(open_database(load_settings())))


def _show_new(made: NewKey, *, as_json: bool) -> None:
    typer.echo(f"key {made.record.name} with scope {made.record.scope}; it is shown this once:", err=True)
    show(_row(made.record) | {"key": made.key}, text=made.key, as_json=as_json)


def _state(record: KeyRecord) -> str:
    return "in force" if record.revoked_at is None else "revoked"


def _row(record: KeyRecord) -> dict[str, Any]:
    return {
        "name": record.name,
        "scope": record.scope,
        "state": _state(record),
        "created_at": record.created_at.isoformat(),
        "revoked_at": None if record.revoked_at is None else record.revoked_at.isoformat(),
    }
