"""How is a file from elsewhere unpacked? Block by block, and never further than it may grow."""

import gzip
import zlib
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING

from candlecast.errors import InvalidRequestError

if TYPE_CHECKING:
    from typing_extensions import Buffer

# ten years of minutes take less than half of it; a candle a minute for 38 years
MOST_BYTES, MOST_ROWS = 2**30, 20_000_000
_BLOCK_BYTES = 2**20


def open_bounded(path: Path) -> BufferedReader:
    """Open a file, unpacked where its name ends in ``.gz``; reading beyond `MOST_BYTES` or `MOST_ROWS` raises.

    Parameters
    ----------
    path : Path
        Plain, or packed by gzip.

    Raises
    ------
    InvalidRequestError
        When it is no file, as a pipe or a device; of `read`: when it holds more.
    OSError
        When it cannot be opened; of `read`: when it is no gzip.
    """
    if path.exists() and not path.is_file():
        raise InvalidRequestError(f"{path} is no file; name one that holds its whole content")
    opening = gzip.GzipFile if path.suffix == ".gz" else Path.open
    return BufferedReader(_Counted(opening(path, "rb"), path), _BLOCK_BYTES)


class _Counted(RawIOBase):
    def __init__(self, file: gzip.GzipFile | BufferedReader, path: Path) -> None:
        self._file = file
        self._path = path
        self._n_bytes = self._n_rows = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer", /) -> int:
        room = memoryview(buffer).cast("B")
        try:
            content = self._file.read(len(room))
        except zlib.error as error:
            raise gzip.BadGzipFile(f"it is no whole gzip: {error}") from error
        self._n_bytes += len(content)
        self._n_rows += content.count(b"\n")
        if self._n_bytes > MOST_BYTES or self._n_rows > MOST_ROWS:
            raise InvalidRequestError(
                f"{self._path} holds more than {MOST_BYTES / 1e6:,.0f} MB or {MOST_ROWS:,} rows "
                "when it is unpacked; split it"
            )
        room[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._file.close()
        super().close()
