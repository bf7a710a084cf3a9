"""Every setting of Candlecast, its default and its meaning; read once, in `main()`.

Precedence: command-line flag > environment > ``.env`` > default. Names are ``CANDLECAST_`` + group + ``__`` + field, as
in ``CANDLECAST_DATABASE__URL``; with ``_FILE`` at its end that of a secret names the file that holds it.
"""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from candlecast.default_feeds import RSS_FEEDS
from candlecast.schedule_settings import SchedulerSettings
from candlecast.schemas import Engine
from candlecast.secret_files import SecretFiles, with_password
from candlecast.vendor_keys import VendorKeys

Source = Literal["live", "recorded", "auto"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class MarketSettings(BaseModel):
    """Which markets are followed and where their candles come from."""

    source: Source = Field("auto", description="live, recorded, or auto: live if a venue answers within 5 s")
    symbols: str = Field("", description="comma-separated, as BTC/USDT,AAPL; empty: all recorded, or BTC, ETH, SOL")
    timeframe: str = Field("", description="1m 5m 15m 1h 4h 1d; empty: the recording's own, or 1h live")
    horizon: int = Field(1, ge=1, le=96, description="candles ahead that the first model forecasts")
    history_candles: int = Field(50_000, ge=600, description="how many candles back the first backfill reaches")
    banner: str = Field("", description="what users must know about the data; set by the stack that chose the source")
    venues: str = Field("binance,kraken,yahoo", description="order for crypto pairs; the first is their home")
    venue_url: str = Field("", description="one server that stands in for every venue, as a replay; empty: their own")
    blocked_s: float = Field(900.0, gt=0, description="wall seconds for which a venue that refuses us is left alone")
    stream: bool = Field(True, description="follow candles by WebSocket where the home venue has one")


class ReplaySettings(BaseModel):
    """The local server that plays recorded candles."""

    url: str = Field("", description="address of the running replay server; empty: market time is wall time")
    data: Path | None = Field(None, description="folder of SYMBOL.csv(.gz) or .parquet; empty: the stocks that ship")
    news: Path | None = Field(None, description="CSV(.gz) of published_at,title,source,url to play beside the candles")
    start: str = Field("", description="market time to begin at, RFC 3339; empty: 500 candles before the end")
    speed: float = Field(60.0, gt=0, le=86_400, description="market seconds per wall second")
    faults: Path | None = Field(None, description="file of scripted faults that the venues shall show; empty: none")


class IngestSettings(BaseModel):
    """How candles are followed on the cluster."""

    symbols_per_actor: int = Field(50, ge=1, le=1_000, description="symbols that one ingest actor follows")


class NewsSettings(BaseModel):
    """Where news comes from and how it becomes one figure."""

    enabled: bool = Field(True, description="follow the feeds; false: forecasts go without news")
    feeds: str = Field("rss,newsapi,cryptopanic", description="comma-separated kinds; one without its key is skipped")
    rss: str = Field(RSS_FEEDS, description="comma-separated NAME=ADDRESS of RSS and Atom feeds")
    feed_url: str = Field("", description="one server that stands in for every feed, as a replay; empty: their own")
    private_hosts: str = Field(
        "", description="comma-separated hosts that feeds may be at or lead to in a network of your own; empty: none"
    )
    interval_s: float = Field(300.0, ge=1, description="wall seconds between two questions to a feed")
    newsapi_key: SecretStr = Field(SecretStr(""), description="key of newsapi.org; NEWSAPI_KEY is read too")
    cryptopanic_token: SecretStr = Field(SecretStr(""), description="of cryptopanic.com; CRYPTOPANIC_TOKEN is read too")
    features: bool = Field(True, description="give news to models that train on enough of it")


class SentimentSettings(BaseModel):
    """Which engine judges texts."""

    engine: Engine = Field("ensemble", description="vader, lexicon, transformer, ensemble: scores news, API's default")
    model: str = Field("ml_models/sentiment-minilm", description="folder or Hugging Face name of a sequence classifier")
    threads: int = Field(1, ge=1, le=64, description="CPU threads of one forward pass")


class DatabaseSettings(BaseModel):
    """PostgreSQL: an owner that migrates and an application that reads and appends."""

    url: SecretStr = Field(SecretStr(""), description="application role, postgresql://…")
    owner_url: SecretStr = Field(SecretStr(""), description="owner role, used by migrations only")
    password: SecretStr = Field(SecretStr(""), description="of the application role, where its address has none")
    owner_password: SecretStr = Field(SecretStr(""), description="of the owner role, where its address has none")
    pool_size: int = Field(4, ge=1, le=64, description="connections per process")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self.url = with_password(self.url, self.password)
        self.owner_url = with_password(self.owner_url, self.owner_password)
        return self


class RedisSettings(BaseModel):
    """Cache and events; may vanish at any moment."""

    url: SecretStr = Field(SecretStr(""), description="redis://:password@host:port/0")
    password: SecretStr = Field(SecretStr(""), description="of Redis, where its address has none")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        self.url = with_password(self.url, self.password)
        return self


class ApiSettings(BaseModel):
    """Where the HTTP API listens, where its clients find it, and whom it answers."""

    url: str = Field("http://127.0.0.1:8000", description="base address that the UI and the client call")
    host: str = Field("127.0.0.1", description="interface of the API")
    # after the host, which decides whether it may be false
    require_key: bool | None = Field(
        None, description="ask for a key; false only on 127.0.0.1; empty: true, but false for `candlecast run` there"
    )
    key: SecretStr = Field(SecretStr(""), description="key that the UI and the client send; stored by `keys store`")
    admin_key: SecretStr = Field(SecretStr(""), description="key with scope admin that `keys store` stores")
    stream_clients: int = Field(64, ge=1, le=10_000, description="clients of /v1/stream that one replica serves")
    rate_limit: str = Field("6000/minute", description="requests a key may send, as 100/second; empty: any number")

    @field_validator("require_key", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("require_key")
    @classmethod
    def _open_to_this_machine_only(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        if value is False and info.data.get("host") not in LOOPBACK:
            raise ValueError(f"may be false only with host 127.0.0.1, the host is {info.data.get('host')}")
        return value

    @property
    def keys_required(self) -> bool:
        """Whether every caller needs a key."""
        return self.require_key is not False


class UiSettings(BaseModel):
    """Where the page listens, and how often it asks."""

    host: str = Field("127.0.0.1", description="interface of the page")
    port: int = Field(7860, ge=1, le=65_535, description="port of the page")
    metrics_port: int = Field(0, ge=0, le=65_535, description="port of the page's figures for Prometheus; 0: none")
    root_path: str = Field(
        "", pattern=r"^(/[A-Za-z0-9._~-]+)*$", description="path under which a proxy publishes it, as /candlecast"
    )
    refresh_s: int = Field(300, ge=10, le=3_600, description="wall seconds between refreshes until the reader chooses")
    shared_s: float = Field(2.0, ge=0.0, le=60.0, description="wall seconds for which tabs share an answer of the API")
    events_at_once: int = Field(24, ge=1, le=1_000, description="events of pages that are answered at the same time")
    events_waiting: int = Field(400, ge=1, le=10_000, description="events that may wait; more are refused")


class AlertSettings(BaseModel):
    """Who is told when a figure crosses a threshold."""

    enabled: bool = Field(True, description="watch the alert rules while candles are followed")
    channels: SecretStr = Field(
        SecretStr(""), description="space-separated NAME=APPRISE_URL, as ops=jsons://host/hook me=tgram://TOKEN/CHAT"
    )
    interval_s: float = Field(5.0, ge=0.5, le=3_600, description="wall seconds between two looks without an event")
    max_per_hour: int = Field(20, ge=1, le=1_000, description="messages that a channel takes an hour")
    max_rules: int = Field(500, ge=1, le=10_000, description="alert rules that may be kept")


class ModelSettings(BaseModel):
    """Where artefacts are kept."""

    folder: Path = Field(Path("ml_models/registry"), description="folder of trained artefacts")
    promote_by_ledger: bool = Field(True, description="let a challenger take over that is surely better in the ledger")


class ClusterSettings(BaseModel):
    """The Ray cluster that jobs and deployments run on."""

    address: str = Field("", description="GCS host:port for drivers outside a job; empty: the job's own cluster")
    jobs_url: str = Field("http://127.0.0.1:8265", description="dashboard with the Jobs API")
    token_file: Path | None = Field(None, description="file that holds Ray's authentication token")


class StackSettings(BaseModel):
    """The whole stack on one machine (`candlecast run`)."""

    folder: Path = Field(Path(".candlecast"), description="data, logs and secrets of the local stack")
    port_offset: int = Field(0, ge=0, le=2_000, description="added to every port, for a second stack on one machine")
    num_cpus: int = Field(4, ge=2, le=1_024, description="CPUs that Ray may book; more than the cores is fine")


class DoctorSettings(BaseModel):
    """What `candlecast doctor` takes for healthy."""

    timeout_s: float = Field(20.0, ge=1, le=600, description="wall seconds after which a part counts as broken")
    min_free_mb: float = Field(1_000.0, ge=0, description="disk room in MB below which a disk counts as full")
    key_days: float = Field(365.0, gt=0, description="age in days from which a secret file should be made anew")


class LogSettings(BaseModel):
    """Where log lines go beside standard error, and how long they are kept."""

    folder: Path | None = Field(None, description="folder of one file a program, shared by its processes; empty: none")
    console: Path | None = Field(None, description="where lines of Ray's workers go, as /proc/1/fd/1; empty: stderr")
    max_mb: float = Field(10.0, gt=0, le=10_000, description="size at which a file is put aside and a new one begun")
    kept: int = Field(5, ge=1, le=1_000, description="files put aside that are kept of each program")
    access: float = Field(
        1.0, ge=0, le=1, description="share of the API's requests that get a line; those that failed do, but with 0"
    )

    @field_validator("folder", "console", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value


class Settings(BaseSettings):
    """All settings; build once in an entry point and pass the parts on."""

    model_config = SettingsConfigDict(
        env_prefix="CANDLECAST_", env_nested_delimiter="__", env_file=".env", extra="ignore"
    )

    market: MarketSettings = MarketSettings()
    replay: ReplaySettings = ReplaySettings()
    ingest: IngestSettings = IngestSettings()
    news: NewsSettings = NewsSettings()
    sentiment: SentimentSettings = SentimentSettings()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    api: ApiSettings = ApiSettings()
    ui: UiSettings = UiSettings()
    alerts: AlertSettings = AlertSettings()
    models: ModelSettings = ModelSettings()
    cluster: ClusterSettings = ClusterSettings()
    scheduler: SchedulerSettings = SchedulerSettings()
    stack: StackSettings = StackSettings()
    doctor: DoctorSettings = DoctorSettings()
    logs: LogSettings = LogSettings()
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="lowest level that is logged")
    log_json: bool = Field(False, description="one JSON object a line instead of text")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where settings come from, the first one winning; the vendors' own names of keys come last."""
        keys = VendorKeys(settings_cls, (env_settings, dotenv_settings))
        return init_settings, env_settings, dotenv_settings, SecretFiles(settings_cls, env_settings), keys
