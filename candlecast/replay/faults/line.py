"""What becomes of a stream's messages on a faulty line? Lost, garbled, repeated, or held back for a while."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from candlecast.replay.faults.board import FaultBoard
from candlecast.replay.faults.bodies import malform_event, truncate


class StreamMessage(NamedTuple):
    """A message and the recorded symbol that it is about."""

    symbol: str
    text: str


class FaultyLine:
    """One WebSocket connection of `venue` with the faults of `board`."""

    def __init__(self, board: FaultBoard, venue: str) -> None:
        self._board, self._venue = board, venue
        self._held: list[str] = []

    def is_cut(self, symbols: Iterable[str]) -> bool:
        """Tell whether the connection that carries `symbols` is to be closed now."""
        if not self._board.script.faults:
            return False
        return any(self._board.strike("drop", self._venue, name, drawn=False) for name in (None, *symbols))

    def frozen_s(self) -> float:
        """Return for how many wall seconds nothing at all goes through."""
        strike = self._board.strike("freeze", self._venue)
        return 0.0 if strike is None else strike.left_s

    def carry(self, messages: list[StreamMessage]) -> list[str]:
        """Return the texts that arrive when `messages` are sent, those held back from the last call at the end."""
        if not self._board.script.faults and not self._held:
            return [message.text for message in messages]
        released, self._held = self._held, []
        return [*(text for message in messages for text in self._pass(message)), *released]

    def _pass(self, message: StreamMessage) -> Iterator[str]:
        if self._board.strike("freeze", self._venue, message.symbol):
            return
        text = self._garble(message)
        if self._board.strike("out_of_order", self._venue, message.symbol):
            self._held.append(text)
            return
        yield text
        if self._board.strike("duplicated", self._venue, message.symbol):
            yield text

    def _garble(self, message: StreamMessage) -> str:
        text = message.text
        if strike := self._board.strike("malformed", self._venue, message.symbol):
            text = malform_event(text, strike.chance)
        if strike := self._board.strike("truncated", self._venue, message.symbol):
            text = truncate(text.encode(), strike.chance).decode()
        return text
