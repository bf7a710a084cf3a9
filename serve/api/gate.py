"""Who may pass? Looks at a request's key and at how many requests came with it."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from candlecast.access import KeyRecord, KeyRing, Scope
from candlecast.bootstrap import open_database
from candlecast.errors import AccessError
from candlecast.settings import Settings
from candlecast.storage.postgres.keys import KeyStore
from candlecast.storage.request_limits import RequestLimits
from serve.access_log import CALLER
from serve.api.origins import require_own_origin
from serve.api.told import count, tell


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
            count(request, allowance, name=found.name)
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
                require_own_origin(request)
            return ANYONE
        found = await self._find(request)
        if found is None:
            raise no_key(request)
        request.scope[CALLER] = found.name
        if self._limits is not None:
            count(request, await self._limits.take(str(found.id)), name=found.name)
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
            require_own_origin(request)
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


def _key(request: Request) -> str | None:
    key = request.headers.get("x-api-key")
    if key is not None:
        return key
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" and value else None
