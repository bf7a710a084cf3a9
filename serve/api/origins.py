"""Is it this machine that asks, where no key is asked for? A page of elsewhere can reach 127.0.0.1 too."""

from urllib.parse import urlsplit

from starlette.requests import Request

from candlecast.errors import AccessError
from candlecast.settings import LOOPBACK


def require_own_origin(request: Request) -> None:
    """Let pass what this machine itself asks, be it by its own page.

    Raises
    ------
    AccessError
        When a page of another origin asks, or the host is named by another name than loopback's.
    """
    # any page in a browser of this machine can reach 127.0.0.1, by a name that points here too
    host, origin = request.headers.get("host", ""), request.headers.get("origin")
    try:
        named, page = urlsplit(f"//{host}").hostname, host if origin is None else urlsplit(origin).netloc
    except ValueError:
        # brackets that hold no address
        named, page = None, ""
    if named not in LOOPBACK or page != host:
        raise AccessError(
            f"{request.method} {request.url.path[:200]} was asked by {origin or host!r}; without keys only this "
            "machine itself may, set CANDLECAST_API__REQUIRE_KEY=true for others",
            status=403,
        )
