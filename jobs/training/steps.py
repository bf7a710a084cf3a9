"""The steps of a training up to its end; each may run in another worker."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from candlecast.bootstrap import open_database, open_market
from candlecast.errors import InsufficientHistoryError, ModelIntegrityError
from candlecast.features.market import market_returns
from candlecast.features.table import MIN_ROW_CANDLES
from candlecast.models.algorithms import recipe_of
from candlecast.models.artefacts import load_model
from candlecast.models.blocks import join_rows
from candlecast.models.direction import DirectionModel
from candlecast.models.fitting import TrainingConfig
from candlecast.models.inputs import check_features, fit_to_learn
from candlecast.models.origin import Origin
from candlecast.models.rival import rival_p_up
from candlecast.models.rows import MIN_ROWS, PanelRows, collect_rows
from candlecast.models.training import FoldResult, fit_final, folds_of, judge_fold
from candlecast.models.volatility import MAX_ROWS
from candlecast.promotion import Challenger, judge_alone
from candlecast.registry import Registry
from candlecast.settings import Settings
from candlecast.storage.postgres.candles import CandleStore
from candlecast.storage.postgres.models import ModelRecord, ModelStore
from candlecast.storage.postgres.symbols import SymbolStore
from jobs.training.facts import Begun, Survey
from jobs.training.news import read_news
from jobs.training.panel import stored
from jobs.training.request import TrainingRequest
from jobs.training.run import TrainingRun

P_CHAMPION = "p_champion"
# the first forecast waits for the first model
_FIRST_VOLATILITY_ROWS = 30_000


def begin(settings: Settings, request: TrainingRequest) -> Begun:
    """Check what was asked for, and take up the run of the same command that was killed.

    Raises
    ------
    InvalidRequestError
        When the algorithm or a parameter is unknown.
    StorageError
        When the database does not answer.
    """
    market, store = open_market(settings), ModelStore(open_database(settings))
    config = TrainingConfig(
        timeframe=market.settings.timeframe,
        horizon=market.settings.horizon,
        algorithm=request.algorithm,
        params=request.params,
        n_folds=request.n_folds,
        nthread=1,
        weigh_features=not request.if_missing,
        volatility_rows=_FIRST_VOLATILITY_ROWS if request.if_missing else MAX_ROWS,
        learn_quantiles=not request.if_missing,
    )
    champion, now = store.champion(config.timeframe, config.horizon), market.clock.now()
    registry = Registry(store, settings.models.folder)
    run = TrainingRun(now, None)
    if request.resumable:
        scope = repr((market.settings.symbols, settings.news.enabled, settings.news.features, settings.sentiment))
        run = TrainingRun.take_up(settings.models.folder, config, scope=scope, now=now)
    return Begun(
        settings=settings,
        config=config,
        request=request,
        run=run,
        symbols=tuple(symbol.name for symbol in market.symbols),
        champion=champion,
        fault=None if champion is None or request.if_missing else _fault(champion, registry),
    )


def outline(begun: Begun) -> dict[str, Any]:
    """Return what the driver must know: ``symbols``, ``n_folds``, and ``champion``, the id of the model that serves."""
    champion = None if begun.champion is None else begun.champion.id
    return {"symbols": begun.symbols, "n_folds": begun.config.n_folds, "champion": champion}


def read(begun: Begun, name: str) -> pd.DataFrame:
    """Read the stored candles of one symbol, maybe none."""
    market, database = open_market(begun.settings), open_database(begun.settings)
    [symbol_id] = SymbolStore(database).ensure([each for each in market.symbols if each.name == name]).values()
    return CandleStore(database).read(symbol_id, begun.config.timeframe, until=begun.run.until)


def survey(begun: Begun, *candles: pd.DataFrame) -> Survey:
    """Check the candles of all symbols, in the order of ``begun.symbols``, and find what concerns all of them.

    Raises
    ------
    InsufficientHistoryError
        When nothing is stored for any of them.
    InvalidRequestError
        When candles are out of order or there twice, or no price moves.
    """
    panel = stored(dict(zip(begun.symbols, candles, strict=True)), timeframe=begun.config.timeframe)
    moving, still = fit_to_learn(panel)
    market, database = open_market(begun.settings), open_database(begun.settings)
    news, columns = read_news(begun.settings, market, database, panel=moving, until=begun.run.until)
    origin, need = Origin.of(panel), MIN_ROW_CANDLES + MIN_ROWS + begun.config.horizon
    return Survey(
        run=begun.run.of_data(origin.data_digest),
        names=tuple(moving),
        skipped=still,
        origin=origin,
        news=news,
        market=market_returns({name: frame for name, frame in moving.items() if len(frame) >= need}),
        columns=columns,
    )


def names_of(surveyed: Survey) -> tuple[str, ...]:
    """Return the symbols whose features shall be built."""
    return surveyed.names


def build(begun: Begun, surveyed: Survey, name: str, candles: pd.DataFrame) -> tuple[PanelRows | None, str]:
    """Build features, float32, and targets of one symbol; else None, and in words why it is left out."""
    config = begun.config
    try:
        rows, _ = collect_rows(
            {name: candles},
            timeframe=config.timeframe,
            horizon=config.horizon,
            news=surveyed.news,
            market=surveyed.market,
        )
    except InsufficientHistoryError as error:
        return None, str(error)
    return rows, ""


def assemble(reasons: str, *blocks: PanelRows | None) -> PanelRows:
    """Join the rows of all symbols that have enough candles; `reasons` say why others have not.

    Raises
    ------
    InsufficientHistoryError
        When none has.
    InvalidRequestError
        When a feature has no value at all.
    """
    parts = [block for block in blocks if block is not None]
    if not parts:
        raise InsufficientHistoryError(reasons)
    rows = join_rows(parts)
    check_features(rows)
    return rows


def judge(begun: Begun, surveyed: Survey, rows: PanelRows, number: int) -> FoldResult:
    """Judge fold `number`, or return what is kept of it; where it matters, beside the champion's recipe.

    The forecasts have a column ``p_champion`` where the champion was fitted anew on the same fold.
    """
    kept = surveyed.run.fold(number)
    if kept is not None:
        return kept
    fold = folds_of(rows, config=begun.config)[number - 1]
    result = judge_fold(rows, fold=fold, config=begun.config)
    champion, challenger = begun.champion, challenger_of(begun, rows.names, rows.feature_names)
    if champion is not None and judge_alone(challenger, champion, now=begun.run.until, fault=begun.fault) is None:
        recipe = replace(begun.config, **recipe_of(champion.algorithm, champion.params))
        p_up = rival_p_up(rows, fold=fold, config=recipe, symbols=champion.symbols, feature_names=champion.features)
        result.forecasts[P_CHAMPION] = p_up
    surveyed.run.keep_fold(number, result)
    return result


def fit(begun: Begun, surveyed: Survey, rows: PanelRows) -> DirectionModel:
    """Fit the model that will answer, or return what is kept of it."""
    model = surveyed.run.model()
    if model is None:
        model = fit_final(rows, config=begun.config)
        surveyed.run.keep_model(model)
    return model


def challenger_of(
    begun: Begun, symbols: Sequence[str], features: Sequence[str], *, alarm: str | None = None
) -> Challenger:
    """Return what is known of the new model before it is compared."""
    return Challenger(symbols, features, begun.config.algorithm, begun.config.resolved(), alarm)


def _fault(champion: ModelRecord, registry: Registry) -> str | None:
    try:
        load_model(registry.artefact(champion), sha256=champion.sha256)
    except ModelIntegrityError as error:
        return str(error)
    return None
