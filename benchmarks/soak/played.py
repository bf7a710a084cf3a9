"""What a stack is given to play: generated candles and headlines."""

from pathlib import Path

import pandas as pd

from benchmarks.soak.extent import Extent, Market
from candlecast.replay.headlines import make_headlines
from candlecast.replay.recordings import Recording
from candlecast.replay.synthetic import make_recording, write_recording

_STORY_EVERY_S = 5_400.0


def write_played(extent: Extent, market: Market, *, data: Path, news: Path, seed: int) -> Recording:
    """Write candles into the folder `data` and headlines into the file `news`; return the candles."""
    n_candles = extent.n_candles(market)
    recording = make_recording(list(market.names), timeframe=market.timeframe, n_candles=n_candles, seed=seed)
    write_recording(recording, data)
    span = (recording.start, recording.end)
    made = make_headlines(list(recording.series), *span, seed=seed, story_every_s=_STORY_EVERY_S)
    rows = [(item.published_at, item.title, item.source, item.url) for item in made.items]
    pd.DataFrame(rows, columns=["published_at", "title", "source", "url"]).to_csv(news, index=False)
    return recording
