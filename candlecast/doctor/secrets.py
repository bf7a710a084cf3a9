"""Are the secret files there, kept from others, and not too old?"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from candlecast.clock import wall_s
from candlecast.doctor.finding import Finding, broken, skipped, together, warning
from candlecast.key_files import GIVEN, MADE

CERTIFICATE = "edge_certificate"
_ROTATE = "make it anew as docs/operations.md says under Secrets"
_OTHERS = 0o077
_DAY_S = 86_400.0
_SOON = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class SecretPlaces:
    """Where secrets lie.

    Parameters
    ----------
    named : mapping of str to Path
        Files that variables name, by the variable.
    stack : sequence of Path
        Files of the local stack, each kept from others by its own mode; those that are not made yet are passed over.
    containers : Path
        Folder of the secrets of containers, which keeps others out for all its files; may not be there.
    """

    named: Mapping[str, Path]
    stack: Sequence[Path]
    containers: Path


def look_at_secrets(places: SecretPlaces, *, most_days: float) -> Finding:
    """Look at every secret file, never at what is in it but for certificates.

    Parameters
    ----------
    places : SecretPlaces
        Where to look.
    most_days : float
        Age from which a secret should be made anew.
    """
    own = [path for path in places.stack if path.exists()]
    made = [places.containers / name for name in MADE] if places.containers.is_dir() else []
    kept = [*places.named.values(), *own, *made]
    if not kept:
        return skipped("no secret file is named or made yet")
    findings = [found for name, path in places.named.items() for found in _readable(path, f"{name} names {path}")]
    findings += [found for path in own for found in _private(path, mode=0o600)]
    if made:
        findings += _private(places.containers, mode=0o700)
        findings += [found for path in made for found in _readable(path, str(path))]
        findings += _certificate(places.containers / CERTIFICATE)
    findings += [found for path in dict.fromkeys(kept) for found in _old(path, most_days)]
    return together(
        findings, otherwise=f"{len(kept)} files are there, kept from others, younger than {most_days:g} days"
    )


def _readable(path: Path, told: str) -> Iterator[Finding]:
    if not path.is_file():
        yield broken(f"{told}, which is not there", "candlecast keys init, or correct the variable")
    elif not os.access(path, os.R_OK):
        yield broken(f"{told}, which this user may not read", f"chown or chmod {path}")
    elif path.stat().st_size == 0 and path.name not in GIVEN:
        yield warning(f"{told}, which is empty", "write the secret into it, or unset the variable")


def _private(path: Path, *, mode: int) -> list[Finding]:
    found = path.stat().st_mode & 0o777
    if not found & _OTHERS:
        return []
    return [broken(f"{path} is open to others, its mode is {found:o}", f"chmod {mode:o} {path}")]


def _old(path: Path, most_days: float) -> Iterator[Finding]:
    if path.is_file() and (days := (wall_s() - path.stat().st_mtime) / _DAY_S) > most_days:
        yield warning(f"{path} is {days:,.0f} days old, {most_days:g} are enough", _ROTATE)


def _certificate(path: Path) -> list[Finding]:
    if not path.is_file() or path.stat().st_size == 0:
        return []
    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except ValueError:
        return [broken(f"{path} holds no certificate", "write key and chain in PEM into it, or empty it")]
    now = datetime.fromtimestamp(wall_s(), UTC)
    if ends < now:
        return [broken(f"{path} ran out on {ends:%Y-%m-%d}", "write the new certificate into it")]
    return [warning(f"{path} runs out on {ends:%Y-%m-%d}", "get a new one")] if ends - now < _SOON else []
