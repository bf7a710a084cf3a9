"""Start the UI: ``python -m ui``."""

import logging
import os

import uvicorn

from candlecast.logs import configure_logs
from candlecast.settings import Settings


def main() -> None:
    """Serve the page on the host and port of the settings until told to stop."""
    # Gradio reads this when it is imported, and asks its maker's server unless it is off.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    from ui.app import build_app

    settings = Settings()
    configure_logs(settings, program="ui")
    if settings.ui.metrics_port:
        # most pages start without, and sooner
        from candlecast.telemetry.door import open_metrics_door

        open_metrics_door(program="ui", host=settings.ui.host, port=settings.ui.metrics_port)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    uvicorn.run(
        build_app(settings),
        host=settings.ui.host,
        port=settings.ui.port,
        access_log=False,
        log_config=None,
        # live streams never end by themselves
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
