"""Who may pass? Looks at a request's key and at how many requests came with it."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request

from candlecast.access import KeyRecord, KeyRing, Scope
from candlecast.bootstrap import open_database
from candlecast.errors import AccessError
from candlecast.settings import LOOPBACK, Settings
from candlecast.storage.postgres.keys import KeyStore
from candlecast.storage.request_limits import Allowance, RequestLimits, retry_after_s
from serve.access_log import CALLER
from serve.api.problems import ProblemError

# where a request keeps headers for its answer, whichever that will be
TOLD: Final = "candlecast.headers"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name of the key and what it allows."""

    name: str
    scope: Scope


ANYONE = Caller("anyone on this machine", "admin")


class Gate:
    """Lets requests pass that carry a key in force, as often as is allowed.

    Parameters
    ----------
    keys : KeyRing or None
        The keys in force; None: everybody may pass, unlimited, as on a stack for this machine alone.
    limits : RequestLimits or None
        How often each key may ask; None: as often as it likes.
    """

    def __init__(self, keys: KeyRing | None, limits: RequestLimits | None = None) -> None:
        self._keys = keys
        self._limits = limits

    def pass_now(self, scope: MutableMapping[str, Any]) -> bool:
        """Let a request pass without waiting, as `admit` does; False, and nothing counted, where that must decide."""
        if self._keys is None:
            return True
        request = Request(scope)
        key = _key(request)
        found = None if key is None else self._keys.find_now(key)
        if found is None:
            return False
        scope[CALLER] = found.name
        if self._limits is not None:
            allowance = self._limits.take_now(str(found.id))
            if allowance is None or not allowance.allowed:
                return False
            _count(request, allowance, name=found.name)
        return True

    async def admit(self, request: Request) -> Caller:
        """Return who asks; leaves headers about its limit to the answer.

        Raises
        ------
        AccessError
            When the request has no key in force, or a page of another origin would write without a key.
        ProblemError
            When the key was used too often.
        StorageError
            When the keys cannot be read.
        """
        if self._keys is None:
            # browsers name the origin of whatever may write
            if request.method not in ("GET", "HEAD") and "origin" in request.headers:
                _require_own_origin(request)
            return ANYONE
        found = await self._find(request)
        if found is None:
            raise no_key(request)
        request.scope[CALLER] = found.name
        if self._limits is not None:
            _count(request, await self._limits.take(str(found.id)), name=found.name)
        return Caller(found.name, found.scope)

    async def knows(self, request: Request) -> bool:
        """Tell whether a request may go on to be read: its key is in force, or none is asked for; counts nothing.

        Raises
        ------
        StorageError
            When the keys cannot be read.
        """
        return self._keys is None or await self._find(request) is not None

    async def admit_admin(self, request: Request) -> Caller:
        """Return who asks, if it may change what serves; the key was let in already.

        Raises
        ------
        AccessError
            When the key is one for reading, or a page of another origin asks without a key.
        """
        if self._keys is None:
            _require_own_origin(request)
            return ANYONE
        found = await self._find(request)
        if found is None or found.scope != "admin":
            name = "none" if found is None else found.name
            raise AccessError(
                f"{request.method} {request.url.path[:200]} needs a key with scope admin, this one is {name!r}; "
                "`candlecast keys create NAME --scope admin` makes one",
                status=403,
            )
        return Caller(found.name, found.scope)

    async def _find(self, request: Request) -> KeyRecord | None:
        key = _key(request)
        return None if key is None or self._keys is None else await self._keys.find(key)


OPEN_GATE = Gate(None)


def open_gate(settings: Settings) -> Gate:
    """Open the gate that the settings ask for."""
    if not settings.api.keys_required:
        return OPEN_GATE
    store = KeyStore(open_database(settings))
    limit = settings.api.rate_limit
    limits = RequestLimits(settings.redis.url.get_secret_value(), limit) if limit else None
    return Gate(KeyRing(store.in_force), limits)


def no_key(request: Request) -> AccessError:
    """Return the error of a request without a key in force."""
    tell(request, "WWW-Authenticate", "Bearer")
    what = "needs an API key" if _key(request) is None else "was sent with a key that is not in force"
    return AccessError(
        f"{request.method} {request.url.path[:200]} {what}; send one as X-API-Key or Authorization: Bearer, "
        "`candlecast keys create NAME` makes one"
    )


def tell(request: Request, name: str, value: str) -> None:
    """Leave a header to the answer of `request`, be it a problem or not."""
    request.scope.setdefault(TOLD, []).append((name.lower().encode("latin-1"), value.encode("latin-1")))


def _key(request: Request) -> str | None:
    key = request.headers.get("x-api-key")
    if key is not None:
        return key
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" and value else None


def _count(request: Request, allowance: Allowance, *, name: str) -> None:
    wait_s = retry_after_s(allowance)
    tell(request, "RateLimit-Policy", f'"key";q={allowance.limit};w={allowance.window_s}')
    tell(request, "RateLimit", f'"key";r={allowance.remaining};t={wait_s}')
    if not allowance.allowed:
        tell(request, "Retry-After", str(wait_s))
        raise ProblemError(
            status=429,
            title="Too many requests",
            detail=f"key {name!r} may send {allowance.limit} requests in {allowance.window_s} s; "
            f"try again in {wait_s} s",
        )


def _require_own_origin(request: Request) -> None:
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
