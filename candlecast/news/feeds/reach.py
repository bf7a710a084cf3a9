"""Where may a feed lead? To servers of the open internet, at the very address that was looked at."""

import asyncio
import socket
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.request import getproxies, proxy_bypass

import httpx2

from candlecast.errors import SourceUnavailableError

Address = IPv4Address | IPv6Address

LOOPBACK = IPv4Address("127.0.0.1")
SETTING = "CANDLECAST_NEWS__PRIVATE_HOSTS"
# IPv4 by way of IPv6: what counts is whom the last four bytes name
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Way:
    """How a request reaches the server that was looked at.

    Parameters
    ----------
    url : httpx2.URL
        Of an address in place of a name, so that nothing is looked up a second time.
    headers, extensions : dict
        Tell the server, and TLS, which name was meant.
    """

    url: httpx2.URL
    headers: dict[str, str] = field(default_factory=dict)
    extensions: dict[str, str] = field(default_factory=dict)


class Reach:
    """Looks at where a request would go before it goes there; each redirect is a request.

    Parameters
    ----------
    allowed : collection of str
        Hosts that may be anywhere, as those in a network of one's own.
    proxied : bool
        Whether the environment's proxies are used: they look names up, so only addresses and
        ``localhost`` are refused there.
    """

    def __init__(self, allowed: Collection[str] = (), *, proxied: bool = True) -> None:
        self._allowed = frozenset(host.strip().lower() for host in allowed if host.strip())
        self._proxied = proxied

    async def ways(self, url: httpx2.URL, *, name: str) -> list[Way]:
        """Return the ways to the server of `url`, the best first.

        Parameters
        ----------
        url : httpx2.URL
            Address that is asked next.
        name : str
            Who is asked, for messages.

        Raises
        ------
        SourceUnavailableError
            When its host is unknown, or one of its addresses is not of the open internet.
        """
        if url.host.lower() in self._allowed:
            return [Way(url)]
        if self._proxied and _goes_by_proxy(url):
            _require_open(_literal(url.host.lower()), url, name=name)
            return [Way(url)]
        found = await _looked_up(url, name=name)
        _require_open(found, url, name=name)
        return [_way(url, address) for address in found]


def is_open(address: Address) -> bool:
    """Tell whether an address belongs to the open internet, and so does the one that it may stand for."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if any(address in network for network in _TRANSLATED):
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_open(inner)
    return address.is_global and not address.is_multicast


async def _looked_up(url: httpx2.URL, *, name: str) -> list[Address]:
    port = url.port or _PORTS[url.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(_host(url), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        message = f"{name} is at a host that is not known ({type(error).__name__}); it is asked again later"
        raise SourceUnavailableError(message) from None
    return [ip_address(str(place[0]).partition("%")[0]) for *_, place in found]


def _require_open(addresses: list[Address], url: httpx2.URL, *, name: str) -> None:
    closed = next((address for address in addresses if not is_open(address)), None)
    if closed is not None:
        raise SourceUnavailableError(
            f"{name} leads to {url.host[:100]}, which is {closed}, an address that is not of the open internet; "
            f"page refused, name the host in {SETTING} if it is meant"
        )


def _way(url: httpx2.URL, address: Address) -> Way:
    named = {"Host": url.netloc.decode("ascii")}
    return Way(url.copy_with(host=str(address)), named, {"sni_hostname": _host(url)})


def _host(url: httpx2.URL) -> str:
    # as it goes over the wire, with letters of other scripts written in ASCII
    return url.raw_host.decode("ascii")


def _literal(host: str) -> list[Address]:
    if host == "localhost":
        return [LOOPBACK]
    # 127.1 and 0x7f000001 are addresses too
    with suppress(OSError):
        return [IPv4Address(socket.inet_aton(host))]
    with suppress(ValueError):
        return [ip_address(host)]
    return []


def _goes_by_proxy(url: httpx2.URL) -> bool:
    proxies = getproxies()
    return bool(proxies.get(url.scheme) or proxies.get("all")) and not proxy_bypass(url.host)
