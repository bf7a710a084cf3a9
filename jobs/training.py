"""Candles -> trained model -> registry, in one worker."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from candlecast.bootstrap import Market
from candlecast.settings import Settings
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.database import Database
from candlecast.storage.postgres.symbols import SymbolStore
from jobs.training_driver import Here, run_training
from jobs.training_request import ALGORITHM, N_FOLDS, TrainingRequest
from jobs.training_steps import stored


def train_model(
    settings: Settings,
    *,
    if_missing: bool,
    params: dict[str, float] | None = None,
    n_folds: int = N_FOLDS,
    algorithm: str = ALGORITHM,
    tuning: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Train over the followed symbols in this process, see `jobs.training_driver.run_training`.

    Parameters
    ----------
    settings : Settings
        Symbols, timeframe, horizon, database and artefact folder.
    if_missing, params, n_folds, algorithm, tuning
        As in `TrainingRequest`.

    Returns
    -------
    dict
        ``summary`` for people, ``model_id``, ``promoted``, ``metrics``, ``skipped``, ``columns``: what
        it learned from.

    Raises
    ------
    InsufficientHistoryError
        When no symbol has enough stored candles.
    InvalidRequestError
        When algorithm or parameters are unknown, or the candles cannot be learned from.
    """
    request = TrainingRequest(if_missing, params or {}, n_folds, algorithm, tuning)
    return run_training(settings, request, workers=Here(), say=lambda _: None)


def read_panel(market: Market, database: Database, *, until: datetime | None = None) -> dict[str, pd.DataFrame]:
    """Read all stored candles of the followed symbols as of `until`, else the market time.

    Raises
    ------
    InsufficientHistoryError
        When nothing is stored for any of them.
    """
    store, ids = CandleStore(database), SymbolStore(database).ensure(market.symbols)
    until, timeframe = until or market.clock.now(), market.settings.timeframe
    panel = {name: store.read(symbol_id, timeframe, until=until) for name, symbol_id in ids.items()}
    return stored(panel, timeframe=timeframe)
