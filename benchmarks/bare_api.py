"""The peer of the serving benchmark: a bare FastAPI application under uvicorn, the model in its memory.

``python benchmarks/bare_api.py --port 9000 --model FOLDER --sha256 DIGEST --symbols C000/USDT,C001/USDT``

It answers the product's JSON from the product's model. What a program of few lines would keep, it keeps:
the newest feature row of each symbol, and of each forecast all but what the model says anew each time.
``/cold`` reads the candles from the database and builds the features before it predicts; no ledger.
"""

import argparse
import os
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import uvicorn
from fastapi import FastAPI, Response
from pydantic import BaseModel

from candlecast.bootstrap import followed_symbols, open_database, open_market
from candlecast.features.market import MARKET_WINDOW_CANDLES, MarketReturns
from candlecast.features.table import WARM_UP_CANDLES, build_features
from candlecast.forecasts.path import HISTORY_CANDLES, Context, make_forecast
from candlecast.market.symbols import Symbol
from candlecast.models.artefacts import load_model
from candlecast.settings import Settings
from candlecast.storage.postgres.candles import CandleStore

JSON = "application/json"


class Item(BaseModel):
    """One wanted forecast."""

    symbol: str
    timeframe: str
    horizon: int = 1


class Batch(BaseModel):
    """Many wanted forecasts."""

    items: list[Item]


class Peer:
    """A model, the newest rows, and how to answer from them."""

    def __init__(self, settings: Settings, *, folder: Path, sha256: str) -> None:
        market, self._database = open_market(settings), open_database(settings)
        self._followed = followed_symbols(market, self._database)
        self._clock = market.clock
        self._store = CandleStore(self._database)
        self._model = load_model(folder, sha256=sha256)
        self._names = self._model.facts.feature_names
        panel = {name: self._read(name) for name in self._followed}
        self._market = MarketReturns.of(
            {name: panel[name].iloc[-MARKET_WINDOW_CANDLES:] for name in self._model.facts.symbols}
        )
        self._rows = {name: self._row(candles) for name, candles in panel.items()}
        self._answers = {name: self._forecast(name, candles) for name, candles in panel.items()}

    def latest(self, symbol: str) -> dict[str, Any]:
        """Predict again from the row in memory."""
        return self._completed(symbol, self._model.p_up(self._rows[symbol])[0])

    def many(self, symbols: list[str]) -> list[dict[str, Any]]:
        """Predict all at once."""
        odds = self._model.p_up(np.vstack([self._rows[symbol] for symbol in symbols]))
        return [self._completed(symbol, p) for symbol, p in zip(symbols, odds, strict=True)]

    def cold(self, symbol: str) -> dict[str, Any]:
        """Read the candles, build the features, predict."""
        return self._forecast(symbol, self._read(symbol))

    def _completed(self, symbol: str, p_up: float) -> dict[str, Any]:
        known = self._answers[symbol]
        age_s = (self._clock.now() - known["as_of"]).total_seconds()
        value = float(p_up)
        gain = (2.0 * value - 1.0) * known["expected_volatility"]
        data = {"age_s": age_s, "stale": False, "source": known["data"]["source"]}
        return {**known, "p_up": value, "expected_log_return": gain, "data": data}

    def _read(self, name: str) -> pd.DataFrame:
        candles: pd.DataFrame = self._store.read(
            self._followed[name][1], "1h", until=self._clock.now(), limit=HISTORY_CANDLES
        )
        return candles

    def _row(self, candles: pd.DataFrame) -> np.ndarray:
        table = build_features(candles.iloc[-WARM_UP_CANDLES:], None, self._market)
        return table.to_numpy(dtype=np.float64)[-1:]

    def _forecast(self, name: str, candles: pd.DataFrame) -> dict[str, Any]:
        as_of = candles["close_time"].iloc[-1].to_pydatetime()
        made = make_forecast(
            candles, model=self._model, symbol=Symbol.parse(name), as_of=as_of, made_at=self._clock.now(),
            context=Context(market=self._market),
        )  # fmt: skip
        reference = {"id": self._model.facts.algorithm, "algorithm": self._model.facts.algorithm,
                     "trained_at": self._model.facts.data_end, "coverage_recent": made.coverage_recent}  # fmt: skip
        return {
            "symbol": made.symbol, "timeframe": made.timeframe, "horizon": made.horizon, "made_at": made.made_at,
            "as_of": made.as_of, "target_time": made.target_time, "last_close": made.last_close,
            "p_up": made.p_up, "direction": made.direction, "abstain_reason": made.abstain_reason,
            "expected_log_return": made.expected_log_return, "expected_volatility": made.expected_volatility,
            "intervals": [band.model_dump() for band in made.intervals],
            "sentiment": {"score": None, "n": 0, "available": False},
            "drivers": [driver.model_dump() for driver in made.drivers],
            "model": reference, "data": {"age_s": 0.0, "stale": False, "source": "recorded"},
        }  # fmt: skip


def build(peer: Peer) -> FastAPI:
    """Return the application."""
    app = FastAPI()

    @app.get("/latest")
    async def latest(symbol: str, timeframe: str, horizon: int = 1) -> Response:
        return Response(orjson.dumps(peer.latest(symbol)), media_type=JSON)

    @app.post("/many")
    async def many(batch: Batch) -> Response:
        found = peer.many([item.symbol for item in batch.items])
        content = {"items": [{"forecast": one, "problem": None} for one in found]}
        return Response(orjson.dumps(content), media_type=JSON)

    @app.get("/cold")
    def cold(symbol: str) -> Response:
        return Response(orjson.dumps(peer.cold(symbol)), media_type=JSON)

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--sha256", required=True)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    app = build(Peer(Settings(_env_file=None), folder=options.model, sha256=options.sha256))
    uvicorn.run(app, host="127.0.0.1", port=options.port, access_log=False, log_level="warning")
