"""Which code runs? A digest of the product's own files."""

from functools import cache
from hashlib import sha256
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_PACKAGES = ("candlecast", "cluster")


@cache
def code_version() -> str:
    """Return a digest of every Python file that an actor may run."""
    digest = sha256()
    for file in sorted(file for package in _PACKAGES for file in (_ROOT / package).rglob("*.py")):
        digest.update(f"{file.relative_to(_ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
