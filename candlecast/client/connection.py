"""How does a blocking client send, wait, page and listen?"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Self, TypeVar

import httpx2

from candlecast import calls
from candlecast.calls import Call
from candlecast.client.resuming import SILENCE_S, Resuming, stream_address
from candlecast.queries import CandleQuery, LedgerQuery, NewsFilter
from candlecast.schemas import CandlePage, LedgerPage, NewsPage, StreamEvent

Answer = TypeVar("Answer")
Query = TypeVar("Query", CandleQuery, NewsFilter, LedgerQuery)
Page = TypeVar("Page", CandlePage, NewsPage, LedgerPage)


class Connection:
    """Connections of a blocking client to one API.

    Parameters
    ----------
    base_url : str
        Address of the API, as ``http://127.0.0.1:8000``.
    api_key : str
        Key that is sent; "" where the API asks for none.
    timeout_s : float
        Wall seconds before a silent API counts as unavailable.
    longest_wait_s : float
        Wall seconds that a call may wait in all while the API says that it is busy; 0: never wait.
    transport : httpx2.BaseTransport or None
        Another way to send requests, for tests.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str = "",
        timeout_s: float = 10.0,
        longest_wait_s: float = 30.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._http = httpx2.Client(
            base_url=base_url,
            headers={"X-API-Key": api_key} if api_key else None,
            timeout=timeout_s,
            transport=transport,
            trust_env=calls.may_use_proxy(base_url),
        )
        self._timeout_s, self._longest_wait_s = timeout_s, longest_wait_s

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def stream(self, symbols: Sequence[str] = (), *, last_id: str = "", once: bool = False) -> Iterator[StreamEvent]:
        """Yield what happens, for ever, of all symbols without any; goes on by itself where a connection ends.

        Parameters
        ----------
        symbols : sequence of str
            Events about others are left out.
        last_id : str
            `StreamEvent.id` of the newest event you have; "": begin with what happens now.
        once : bool
            End with the first connection, for a caller who must know at once that it ended.
        """
        resuming, address = Resuming(str(self._http.base_url), last_id=last_id), stream_address(symbols)
        patience = httpx2.Timeout(self._timeout_s, read=SILENCE_S)
        while True:
            try:
                with self._http.sse(address, headers=resuming.headers(), timeout=patience) as source:
                    if source.response.status_code == 200:
                        for sent in source:
                            if (event := resuming.heard(sent)) is not None:
                                yield event
                    else:
                        source.response.read()
                        resuming.refused(source.response)
            except httpx2.RequestError as error:
                if once:
                    raise calls.unreachable_error(str(self._http.base_url), error) from error
                resuming.lost(error)
            if once:
                return
            time.sleep(resuming.pause_s())

    def _pages(self, call_of: Callable[[Query], Call[Page]], query: Query) -> Iterator[Page]:
        cursor = query.cursor
        while True:
            page = self._send(call_of(replace(query, cursor=cursor)))
            yield page
            cursor = page.next_cursor
            if cursor is None:
                return

    def _send(self, call: Call[Answer]) -> Answer:
        left_s = self._longest_wait_s if call.repeatable else 0.0
        while True:
            try:
                response = self._http.send(calls.build_request(self._http, call))
            except httpx2.RequestError as error:
                raise calls.unreachable_error(str(self._http.base_url), error) from error
            wait_s = calls.wait_s(response, left_s=left_s)
            if wait_s is None:
                return calls.read_answer(call, response)
            time.sleep(wait_s)
            left_s -= wait_s
