"""Is every address that is not of the open internet told from one that is, in whatever clothes it comes?"""

import asyncio
from ipaddress import ip_address

import httpx2
import pytest

from candlecast.errors import SourceUnavailableError
from candlecast.news.feeds.reach import Reach, is_open

CLOSED = [
    *("127.0.0.1", "127.255.0.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1"),
    *("169.254.169.254", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
    *("::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
]


@pytest.mark.parametrize("address", CLOSED)
def test_address_inside_a_network_is_not_open(address):
    assert not is_open(ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_address_of_the_open_internet_is_open(address):
    assert is_open(ip_address(address))


@pytest.fixture
def names(monkeypatch):
    """Names and their addresses, as the machine would look them up; a list is used up answer by answer."""
    known: dict[str, list[list[str]]] = {}

    async def look_up(_loop, host, port, **_):
        answers = known.get(host) or [[host]]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(0, 0, 0, "", (address, port)) for address in found]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    for variable in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    return known


def ways(url: str, reach: Reach | None = None):
    return asyncio.run((reach or Reach()).ways(httpx2.URL(url), name="rss:times"))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]"])
def test_address_of_a_machine_inside_is_refused_with_the_setting(names, host):
    with pytest.raises(SourceUnavailableError, match=r"open internet; page refused.*CANDLECAST_NEWS__PRIVATE_HOSTS"):
        ways(f"http://{host}:8000/rss")


def test_name_of_a_machine_inside_is_refused(names):
    names["metadata.example"] = [["169.254.169.254"]]

    with pytest.raises(SourceUnavailableError, match=r"leads to metadata.example, which is 169\.254\.169\.254"):
        ways("https://metadata.example/rss")


def test_name_that_is_of_both_worlds_is_refused(names):
    names["both.example"] = [["93.184.216.34", "10.0.0.1"]]

    with pytest.raises(SourceUnavailableError, match=r"10\.0\.0\.1"):
        ways("https://both.example/rss")


def test_name_that_changes_its_address_is_asked_at_the_one_that_was_looked_at(names):
    names["rebinding.example"] = [["93.184.216.34"], ["127.0.0.1"]]

    [way] = ways("https://rebinding.example:8443/rss?x=1")

    assert str(way.url) == "https://93.184.216.34:8443/rss?x=1"
    assert way.headers == {"Host": "rebinding.example:8443"}
    assert way.extensions == {"sni_hostname": "rebinding.example"}


def test_host_that_the_settings_name_may_be_anywhere(names):
    names["news.intern"] = [["10.0.0.1"]]

    [way] = ways("http://news.intern/rss", Reach(["news.intern"]))

    assert (str(way.url), way.headers) == ("http://news.intern/rss", {})


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f000001", "10.0.0.1", "[::1]"])
def test_address_inside_is_refused_behind_a_proxy_too(names, monkeypatch, host):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.intern:3128")

    with pytest.raises(SourceUnavailableError, match="open internet"):
        ways(f"http://{host}/rss")


def test_name_behind_a_proxy_is_left_to_the_proxy(names, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.intern:3128")

    [way] = ways("http://times.example/rss")

    assert str(way.url) == "http://times.example/rss"
