"""How log lines look and where they go: structlog events through the standard handlers, library logs among them."""

import json
import logging
import os
import socket
import stat
import sys
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from candlecast.log_files import Console, Outlet, SharedFile
from candlecast.redaction import Redactor, secrets_of
from candlecast.settings import LogSettings, Settings
from candlecast.visible import visible

_STANDARD_ERROR = 2
_TRACES = ("exception", "stack")
# libraries that log every request or step as information
_CHATTY = ("alembic", "httpx", "httpx2", "httpcore2", "ray.serve")


def configure_logs(settings: Settings, *, program: str, job: str = "", of_ray: bool = False) -> None:
    """Send every log record of this process to standard error and, where settings name one, to a file in a folder.

    Parameters
    ----------
    settings : Settings
        Level, format, places; and the secrets that no line may tell.
    program : str
        Named in every line; names the file, which all processes of the program share.
    job : str
        Id of the job that the process works for, named in every line; "": none.
    of_ray : bool
        Whether Ray keeps this process' standard error in a file of its own: lines go to the console
        of the settings then, where they name one.
    """
    redactor = redactor_of(settings)
    facts = {"program": program, "pid": os.getpid(), "host": socket.gethostname()} | ({"job": job} if job else {})

    def add_facts(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {**event, **facts}

    shared: list[Processor] = [
        # the id of the request, where there is one
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(("symbol", "job", "request_id")),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        add_facts if settings.log_json else harmless,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _Handler(_places(settings.logs, program, of_ray=of_ray))
    handler.setFormatter(_Formatter(redactor, shared=shared, as_json=settings.log_json, colors=handler.to_person))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(root.level, logging.WARNING))


def harmless(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Return `event` without characters that act: none of it begins a line, colours or moves anything."""
    return {name: _harmless(name, value) for name, value in event.items()}


def redactor_of(settings: Settings) -> Redactor:
    """Return what takes the secrets of `settings` out of text, Ray's token among them."""
    token = settings.cluster.token_file
    told = token.read_text().split() if token is not None and token.is_file() else []
    return Redactor(secrets_of(settings) | set(told))


def outlets(settings: LogSettings, name: str, *, of_ray: bool) -> list[Outlet]:
    """Return where lines of `name` go beside standard error."""
    found: list[Outlet] = []
    if settings.folder is not None and not _keeps_standard_error(settings.folder):
        path = settings.folder / f"{name}.log"
        found.append(SharedFile(path, max_bytes=round(settings.max_mb * 2**20), n_kept=settings.kept))
    if of_ray and settings.console is not None:
        found.append(Console(settings.console))
    return found


def _places(settings: LogSettings, program: str, *, of_ray: bool) -> list[Outlet]:
    places = outlets(settings, program, of_ray=of_ray)
    return places if of_ray and settings.console is not None else [*places, _StandardError()]


def _keeps_standard_error(folder: Path) -> bool:
    # whoever started us writes all that we say to a file there already
    try:
        kept = os.fstat(_STANDARD_ERROR)
        return stat.S_ISREG(kept.st_mode) and any(os.path.samestat(kept, file.stat()) for file in folder.glob("*.log"))
    except OSError:
        return False


def _harmless(name: str, value: object) -> object:
    if not isinstance(value, str) or value.isprintable():
        return value
    if name in _TRACES:
        # lines of their own, but none that looks like another entry
        return "\n    ".join(visible(line) for line in value.split("\n"))
    return visible(value)


def _json_line(event: EventDict, **options: Any) -> str:
    line = json.dumps(event, ensure_ascii=False, **options)
    return line if line.isprintable() else json.dumps(event, **options)


class _StandardError:
    def write(self, lines: bytes) -> None:
        sys.stderr.write(lines.decode())


class _Handler(logging.Handler):
    def __init__(self, places: list[Outlet]) -> None:
        super().__init__()
        self._places = places

    @property
    def to_person(self) -> bool:
        """Whether a person alone reads what is written."""
        return sys.stderr.isatty() and all(isinstance(place, _StandardError) for place in self._places)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{self.format(record)}\n".encode(errors="backslashreplace")
        except (TypeError, ValueError, KeyError):
            # whoever logs goes on, though text and values do not fit
            self.handleError(record)
            return
        for place in self._places:
            try:
                place.write(line)
            except OSError:
                self.handleError(record)


class _Formatter(structlog.stdlib.ProcessorFormatter):
    def __init__(self, redactor: Redactor, *, shared: list[Processor], as_json: bool, colors: bool) -> None:
        renderer: Processor = (
            structlog.processors.JSONRenderer(serializer=_json_line)
            if as_json
            else structlog.dev.ConsoleRenderer(colors=colors)
        )
        remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        super().__init__(foreign_pre_chain=shared, processors=[remove_meta, renderer])
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, or several for a person, without secrets."""
        return self._redactor(super().format(record))
