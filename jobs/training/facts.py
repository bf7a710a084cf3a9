"""What the steps of a training tell each other."""

from dataclasses import dataclass

from candlecast.features.market import MarketReturns
from candlecast.models.fitting import TrainingConfig
from candlecast.models.news import PanelNews
from candlecast.models.origin import Origin
from candlecast.settings import Settings
from candlecast.storage.postgres.models import ModelRecord
from jobs.training.request import TrainingRequest
from jobs.training.run import TrainingRun


@dataclass(frozen=True, slots=True)
class Begun:
    """What all steps of one training share.

    Parameters
    ----------
    settings : Settings
        Database, market and folder of artefacts.
    config : TrainingConfig
        How to train.
    request : TrainingRequest
        What was asked for.
    run : TrainingRun
        As of when, and where steps are kept.
    symbols : tuple of str
        Symbols to learn from, if they have candles.
    champion : ModelRecord or None
        The model that serves.
    fault : str or None
        Why this version cannot load it.
    """

    settings: Settings
    config: TrainingConfig
    request: TrainingRequest
    run: TrainingRun
    symbols: tuple[str, ...]
    champion: ModelRecord | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of the panel as a whole before features are built.

    Parameters
    ----------
    run : TrainingRun
        With the folder of these data.
    names : tuple of str
        Symbols whose features shall be built.
    skipped : dict of str to str
        Those left out, and why.
    origin : Origin
        Digest of the data, and the code.
    news : PanelNews or None
        What becomes news columns.
    market : dict of str to MarketReturns
        What the symbols with enough candles did together, by asset class.
    columns : str
        What is learned from, in words.
    """

    run: TrainingRun
    names: tuple[str, ...]
    skipped: dict[str, str]
    origin: Origin
    news: PanelNews | None
    market: dict[str, MarketReturns]
    columns: str
