"""How log lines look: structlog events through the standard handlers, so library logs share the format."""

import logging
import sys

import structlog

# libraries that log every request or step as information
_CHATTY = ("alembic", "httpx", "httpx2", "httpcore2", "ray.serve")


def configure_logs(*, level: str = "INFO", as_json: bool = False) -> None:
    """Send every log record of this process to stderr in one format.

    Parameters
    ----------
    level : str
        Lowest level shown: DEBUG, INFO, WARNING or ERROR.
    as_json : bool
        One JSON object a line instead of text.
    """
    shared: list[structlog.typing.Processor] = [
        # the id of the request, where there is one
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(root.level, logging.WARNING))
