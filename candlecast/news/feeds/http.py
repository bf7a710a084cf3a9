"""How is a page of news asked for? One client for all feeds: in time, to where it may lead, errors without secrets."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urlsplit

import httpx2

from candlecast.errors import SourceUnavailableError
from candlecast.news.feeds.pages import read_page
from candlecast.news.feeds.reach import Reach, Way
from candlecast.news.feeds.refusals import Page, page_problem
from candlecast.news.feeds.silence import silence_queries

CONNECT_S, READ_S, WHOLE_S = 5.0, 10.0, 20.0
MOST_REDIRECTS = 5
SCHEMES = ("http", "https")
# Reddit and others refuse clients that do not say who they are.
USER_AGENT = "candlecast/0.1 (news reader)"
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Question:
    """A page that is asked for.

    Parameters
    ----------
    name : str
        Who is asked, for messages.
    url : str
        Address without query.
    query, headers : mapping of str to str
        As sent.
    secret : str
        The key in them, which no answer may bring back into a message; "" for none.
    key_setting : str
        What to set when the key is refused, "" for a feed without one.
    """

    name: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret: str = field(default="", repr=False)
    key_setting: str = ""


class FeedClient:
    """Asks feeds for pages; belongs to one event loop.

    Parameters
    ----------
    base_url : str
        Server that stands in for every feed, "" for their own; it is asked without proxies.
    whole_s : float
        Wall seconds that a page may take in all, redirects included.
    private_hosts : collection of str
        Hosts that need not be of the open internet; that of `base_url` is one of them.
    """

    def __init__(self, base_url: str = "", *, whole_s: float = WHOLE_S, private_hosts: Collection[str] = ()) -> None:
        silence_queries()
        self._whole_s = whole_s
        self._reach = Reach({*private_hosts, urlsplit(base_url).hostname or ""}, proxied=not base_url)
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(READ_S, connect=CONNECT_S),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
            trust_env=not base_url,
            # Certificates take 0.1 s to read.
            verify=not base_url.startswith("http:"),
            # a connection was made for one name; another one of the same address gets its own
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    async def get(self, question: Question) -> bytes:
        """Return the body of the page that is asked for.

        Raises
        ------
        SourceError
            As in `Feed.fetch`; the message holds neither query nor headers.
        """
        name = question.name
        try:
            async with asyncio.timeout(self._whole_s):
                page = await self._follow(question)
        except TimeoutError as error:
            message = f"{name} took more than {self._whole_s:g} s to answer; it is asked again later"
            raise SourceUnavailableError(message) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            # Its own words may hold the address.
            message = f"{name} does not answer ({type(error).__name__}); it is asked again later"
            raise SourceUnavailableError(message) from None
        problem = page_problem(page, name=name, key_setting=question.key_setting)
        if problem is not None:
            raise problem
        return page.body

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def __aenter__(self) -> "FeedClient":
        """Return itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def _follow(self, question: Question) -> Page:
        url, headers = httpx2.URL(question.url, params=dict(question.query) or None), dict(question.headers)
        for _ in range(MOST_REDIRECTS + 1):
            if url.scheme not in SCHEMES:
                raise SourceUnavailableError(f"{question.name} leads to an address of scheme {url.scheme[:20]!r}")
            async with self._asked(question, url, headers) as answer:
                if answer.status_code not in REDIRECTS or "location" not in answer.headers:
                    return await read_page(answer, name=question.name, secret=question.secret)
                onward = url.join(answer.headers["location"])
            # A key is for the server that it was made for.
            headers = headers if (onward.scheme, onward.netloc) == (url.scheme, url.netloc) else {}
            url = onward
        raise SourceUnavailableError(f"{question.name} leads on more than {MOST_REDIRECTS} times; check its address")

    @asynccontextmanager
    async def _asked(
        self, question: Question, url: httpx2.URL, headers: Mapping[str, str]
    ) -> AsyncIterator[httpx2.Response]:
        answer = await self._first_answer(await self._reach.ways(url, name=question.name), headers)
        try:
            yield answer
        finally:
            await answer.aclose()

    async def _first_answer(self, ways: Sequence[Way], headers: Mapping[str, str]) -> httpx2.Response:
        way, *others = ways
        request = self._client.build_request(
            "GET", way.url, headers={**headers, **way.headers}, extensions=dict(way.extensions)
        )
        try:
            return await self._client.send(request, stream=True)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            if not others:
                raise
        return await self._first_answer(others, headers)


def is_web_address(text: str) -> bool:
    """Tell whether `text` is an http(s) address with a host."""
    try:
        parts = urlsplit(text)
        return parts.scheme in SCHEMES and bool(parts.hostname)
    except ValueError:
        return False
