"""Which parts does the doctor look at, and how? Those that need the cluster or other parts are looked at here."""

import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import ray

from candlecast.bootstrap import open_market, venue_order
from candlecast.client import CandlecastClient
from candlecast.doctor.clocks import http_skew_s, look_at_time
from candlecast.doctor.disk import look_at_disk
from candlecast.doctor.finding import Finding, broken, skipped, well
from candlecast.doctor.models import look_at_models, look_at_sentiment
from candlecast.doctor.round import Part
from candlecast.doctor.secrets import SecretPlaces, look_at_secrets
from candlecast.doctor.sources import look_at_feeds, look_at_replay, look_at_venues
from candlecast.doctor.stores import START, look_at_database, look_at_redis
from candlecast.doctor.versions import look_at_versions
from candlecast.market.venues.factory import web_address
from candlecast.secret_files import named_files
from candlecast.settings import DoctorSettings, Settings
from candlecast.storage.postgres.health import read_health
from cluster.port_check import look_at_ports
from cluster.ports import Ports
from cluster.resources import SUPERVISOR
from cluster.stack_files import SECRETS
from cluster.submit import ClusterClient

_LONGEST_QUESTION_S = 5.0
_OF_CONTAINERS = Path("secrets")
_LOOK = "candlecast doctor"


def parts_of(settings: Settings) -> list[Part]:
    """Return everything that there is to look at, in the order in which one thing stands on another."""
    timeout_s = min(_LONGEST_QUESTION_S, settings.doctor.timeout_s / 2)
    root = settings.stack.folder.resolve()
    folders = {"models": settings.models.folder, "temporary files": Path(tempfile.gettempdir())}
    # containers have stores elsewhere, and no stack of their own
    own = root.exists() or not settings.database.url.get_secret_value()
    if own:
        folders["data"] = root
    if settings.logs.folder is not None:
        folders["logs"] = settings.logs.folder
    looks: list[tuple[str, Callable[[], Finding], str]] = [
        (
            "settings",
            partial(_look_at_settings, settings),
            "correct it as .env.example says, or start the replay server",
        ),
        ("ports", partial(_look_at_ports, settings, root if own else None), _LOOK),
        ("disk", partial(look_at_disk, folders, min_free_mb=settings.doctor.min_free_mb), _LOOK),
        ("clock", partial(look_at_time, _other_clocks(settings, timeout_s)), _LOOK),
        ("database", partial(look_at_database, settings, timeout_s=timeout_s), f"start PostgreSQL, or {START}"),
        ("redis", partial(look_at_redis, settings, timeout_s=timeout_s), f"start Redis, or {START}"),
        ("cluster", partial(_look_at_cluster, settings, timeout_s), START),
        ("models", partial(look_at_models, settings), "look into the log of the API; candlecast models list"),
        ("sentiment", partial(look_at_sentiment, settings), "restore ml_models/sentiment-minilm"),
        ("replay", partial(look_at_replay, settings, timeout_s=timeout_s), START),
        ("venues", partial(look_at_venues, settings, timeout_s=timeout_s), "correct CANDLECAST_MARKET__VENUES"),
        ("feeds", partial(look_at_feeds, settings, timeout_s=timeout_s), "correct CANDLECAST_NEWS__FEEDS and __RSS"),
        ("api", partial(_look_at_api, settings, timeout_s), START),
    ]
    return [*machine_parts(settings.doctor, root), *(Part(*look) for look in looks)]


def machine_parts(doctor: DoctorSettings, root: Path) -> list[Part]:
    """Return what can be looked at even where the other settings cannot be read."""
    places = SecretPlaces(named_files(Settings, os.environ), [root / name for name in SECRETS], _OF_CONTAINERS)
    return [
        Part("versions", look_at_versions, "make setup"),
        Part("secrets", partial(look_at_secrets, places, most_days=doctor.key_days), "candlecast keys init"),
    ]


def _look_at_settings(settings: Settings) -> Finding:
    market = open_market(settings).settings
    symbols = market.symbols.split(",")
    shown = ", ".join(symbols[:5]) + (" …" if len(symbols) > 5 else "")
    return well(f"{market.source} candles of {len(symbols)} symbols, {market.timeframe}: {shown}")


def _look_at_ports(settings: Settings, root: Path | None) -> Finding:
    if root is None:
        return skipped("no stack of `candlecast run` belongs here: its parts are elsewhere")
    return look_at_ports(Ports(settings.stack.port_offset), folder=root)


def _other_clocks(settings: Settings, timeout_s: float) -> dict[str, Callable[[], float]]:
    others: dict[str, Callable[[], float]] = {}
    url, market = settings.database.url.get_secret_value(), settings.market
    if url:
        others["the database"] = lambda: read_health(url, timeout_s=timeout_s).ahead_s
    if market.venue_url or market.source != "recorded":
        home = venue_order(market)[0]
        others[home] = lambda: http_skew_s(web_address(home, market), timeout_s=timeout_s)
    return others


def _look_at_cluster(settings: Settings, timeout_s: float) -> Finding:
    try:
        cluster = ClusterClient(settings.cluster)
    except OSError as error:
        return broken(f"the token file {settings.cluster.token_file} cannot be read: {error.strerror}", START)
    cluster.wait_until_up(timeout_s=timeout_s)
    url = settings.cluster.jobs_url
    if (runs := cluster.ray_version()) != ray.__version__:
        detail = f"answers at {url} with Ray {runs}, here is {ray.__version__}"
        return broken(detail, "start it again with this version, or make setup")
    # the first question that needs the token
    if SUPERVISOR not in cluster.actors():
        return broken("answers, but nothing on it follows candles", "candlecast ingest")
    if problem := cluster.deployment_problem():
        return broken(f"the API cannot be deployed: {problem}", "candlecast deploy")
    return well(f"answers at {url} and takes the token, Ray {runs}, candles are followed")


def _look_at_api(settings: Settings, timeout_s: float) -> Finding:
    key = settings.api.key.get_secret_value()
    with CandlecastClient(settings.api.url, api_key=key, timeout_s=timeout_s) as client:
        readiness = client.readiness()
    if not readiness.ready:
        bad = "; ".join(f"{check.name}: {check.detail}" for check in readiness.checks if not check.ok)
        return broken(
            f"answers at {settings.api.url}, but is not ready: {bad}", "mend what is told of those parts here"
        )
    return well(f"ready at {settings.api.url}")
