"""How does a page get onto the disk? With the script that draws its charts in it."""

from pathlib import Path

from candlecast.errors import InvalidRequestError


def plotly_script() -> str:
    """Return the text of plotly.js, which a page carries so that it fetches nothing."""
    import plotly

    script = Path(plotly.__file__).with_name("package_data") / "plotly.min.js"
    return script.read_text(encoding="utf-8")


def write_text(page: str, file: Path) -> None:
    """Write a page.

    Raises
    ------
    InvalidRequestError
        When the file cannot be written.
    """
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InvalidRequestError(f"{file} cannot be written ({error.strerror}); name another with --html") from error
