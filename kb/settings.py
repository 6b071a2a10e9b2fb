"""What can be set from outside: environment variables with the prefix KB_."""

from __future__ import annotations

import ipaddress
import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from kb.database_urls import ALLOWED_URLS, credentials, tortoise_config
from kb.errors import InvalidInputError
from kb.rules.public_record import RELIANCE, Reliance
from kb.rules.roles import Role
from kb.rules.rulebook import FactTopic


class AnonymousReads(StrEnum):
    """What callers without a token may read: what is public knowledge, or nothing at all."""

    KNOWLEDGE = "KNOWLEDGE"
    NOTHING = "NOTHING"


class Introspection(StrEnum):
    """Who may ask for the schema and is given suggestions for misspelt names."""

    ALL = "ALL"
    TOKENS = "TOKENS"
    NOBODY = "NOBODY"


class AnonymousDocuments(StrEnum):
    """Which documents are executed for callers without a token: any, or the published ones."""

    ANY = "ANY"
    TRUSTED = "TRUSTED"


class SigningAlgorithm(StrEnum):
    """How an identity provider may sign its tokens; always with a key pair, never a shared key."""

    RS256 = "RS256"
    ES256 = "ES256"
    ED25519 = "Ed25519"
    EDDSA = "EdDSA"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class LogFormat(StrEnum):
    """How a record of the log is written."""

    CONSOLE = "CONSOLE"
    JSON = "JSON"


class Settings(BaseSettings):
    """All settings, read from the environment; InvalidInputError names the one that is wrong."""

    model_config = SettingsConfigDict(env_prefix="KB_", frozen=True)

    database_url: str = Field(
        "sqlite://kb.sqlite3",
        repr=False,
        description=f"Where the data lies: {ALLOWED_URLS}. PostgreSQL is meant for production.",
    )
    database_listen_url: str | None = Field(
        None,
        repr=False,
        description="Where to listen for what others record, if a pooler such as PgBouncer stands "
        "before PostgreSQL: a URL that leads to PostgreSQL itself.",
    )
    database_timeout: float = Field(
        10.0,
        gt=0,
        description="Seconds to wait for a statement on PostgreSQL, or for the lock on SQLite.",
    )
    database_pool_size: int = Field(
        5, ge=1, description="Most connections to PostgreSQL that one process holds."
    )
    host: str = Field("127.0.0.1", description="Address on which the API listens.")
    port: int = Field(8000, ge=1, le=65535, description="Port on which the API listens.")
    content_dir: Path | None = Field(
        None, description="Folder of content files; the ones that were installed, if not set."
    )
    semantic_search: bool = Field(
        False,
        description="Whether publishing makes vectors for likeness of meaning, where the extra "
        "`semantic` is installed. Making them takes minutes, and questions take longer.",
    )
    max_page_size: int = Field(
        100, ge=1, le=1000, description="Most entries that one page of a connection may have."
    )
    max_cost: int = Field(
        100_000,
        ge=1,
        description="Most that one operation may cost; a unit is about one value of its answer.",
    )
    request_timeout: float = Field(
        15.0,
        gt=0,
        description="Seconds after which a request is stopped, within which its head and its body "
        "have to arrive, and a client has to read something of what it is answered.",
    )
    max_connections: int = Field(
        2_000,
        ge=10,
        description="Most connections that one process takes, as far as it may have descriptors; "
        "above that, those that ask nothing make way.",
    )
    max_sockets: int = Field(
        200,
        ge=1,
        description="Most WebSocket connections of one client, in each process: of its token, or "
        "without one of its address.",
    )
    operation_plans: bool = Field(
        True,
        description="Whether queries that come again are compiled, which answers them several "
        "times as fast; the answers are the same.",
    )
    drain_seconds: float = Field(
        0.0,
        ge=0,
        description="Seconds for which a server that is told to stop goes on answering while "
        "/readyz says that it goes; longer than a load balancer takes to notice.",
    )
    anonymous_rate: int = Field(
        600,
        ge=0,
        description="Operations a minute that one address may ask for without a token, in each "
        "process; 0 is no limit. Callers on this machine have none, where no proxy may ask "
        "for others.",
    )
    chatbot_rate: int = Field(
        12_000,
        ge=0,
        description="Operations a minute for each CHATBOT token, in each process; 0 is no limit.",
    )
    anonymous_points: int = Field(
        300_000,
        ge=0,
        description="Cost a minute that one address may ask for without a token, in each process; "
        "0 is no limit. A unit is about five microseconds of work.",
    )
    token_points: int = Field(
        6_000_000,
        ge=0,
        description="Cost a minute that each token may ask for, in each process; 0 is no limit.",
    )
    metrics_open: bool = Field(
        False, description="Whether /metrics also answers callers on other machines."
    )
    subscription_queue: int = Field(
        256,
        ge=1,
        description="Most events that wait for one subscription; a slower reader has to resume.",
    )
    max_subscriptions: int = Field(
        20, ge=1, description="Most subscriptions on one WebSocket connection."
    )
    max_subscriptions_per_client: int = Field(
        1_000,
        ge=1,
        description="Most subscriptions of one client, by WebSocket and as streams, in each "
        "process.",
    )
    allowed_origins: tuple[str, ...] = Field(
        (),
        description="JSON list of other web origins whose pages may ask, by HTTP and WebSocket, "
        'such as ["https://dashboard.example"].',
    )
    trusted_proxies: tuple[str, ...] = Field(
        (),
        description="JSON list of addresses or networks of proxies whose X-Forwarded-For, -Proto, "
        '-Host and -Prefix are believed, such as ["10.0.0.0/8"].',
    )
    root_path: str = Field(
        "",
        description="Path under which a proxy shows the API, such as /bw, if it does not say so "
        "in X-Forwarded-Prefix.",
    )
    anonymous_documents: AnonymousDocuments = Field(
        AnonymousDocuments.ANY,
        description="Which operations callers without a token may ask: ANY, or TRUSTED for those "
        "that `kb documents` lists.",
    )
    introspection: Introspection = Field(
        Introspection.ALL,
        description="Who may ask for the schema, and is told the nearest name for one that there "
        "is not: ALL, TOKENS for those who show one, or NOBODY.",
    )
    graphiql: bool = Field(
        True, description="Whether browsers that open the endpoint are shown GraphiQL."
    )
    shared_allowances: bool = Field(
        False,
        description="Whether rates and allowances count what other processes on the same database "
        "have answered, to the second; on with `kb serve --workers`.",
    )
    bad_token_rate: int = Field(
        60,
        ge=0,
        description="Tokens a minute that are not good and that one address may show, in each "
        "process; 0 is no limit.",
    )
    anonymous_reads: AnonymousReads = Field(
        AnonymousReads.KNOWLEDGE,
        description="What callers without a token may read: KNOWLEDGE (FAQs, countries, fees and "
        "the like) or NOTHING. Facilities always need a token.",
    )
    graphiql_token: SecretStr | None = Field(
        None,
        description="API key that GraphiQL opens with, by the link that `kb serve` shows; heeded "
        "only on SQLite behind a loopback address, without proxies. `kb serve` sets it where there "
        "are demo facilities.",
    )
    token: SecretStr | None = Field(
        None,
        description="The token that commands show. Without one they act as OPERATOR, but only on "
        "SQLite.",
    )
    token_pepper: SecretStr | None = Field(
        None,
        description="Secret of 32 characters or more with which API keys are hashed. Needed on "
        "PostgreSQL; on SQLite one is kept in a file beside the database.",
    )
    token_max_days: int = Field(
        365, ge=1, description="Longest time in days for which an API key may be made."
    )
    oidc_issuer: str | None = Field(
        None,
        description="Issuer of the JWTs that are accepted, exactly as in their claim iss; none "
        "are, if not set.",
    )
    oidc_audience: str | None = Field(
        None, description="What the claim aud of a JWT must name; needed with KB_OIDC_ISSUER."
    )
    oidc_jwks_url: str | None = Field(
        None,
        description="Where the issuer publishes its keys: https://…, or http:// on this machine; "
        "needed with KB_OIDC_ISSUER.",
    )
    oidc_algorithms: tuple[SigningAlgorithm, ...] = Field(
        (SigningAlgorithm.RS256, SigningAlgorithm.ES256),
        min_length=1,
        description='JSON list of accepted signatures, of "RS256", "ES256", "Ed25519", "EdDSA".',
    )
    oidc_role_claim: str = Field("role", description="Claim that tells the role of a JWT.")
    oidc_role_map: dict[str, Role] = Field(
        {},
        description='JSON object from a value of that claim to a role, such as {"desk": '
        '"HELPDESK"}; a JWT with no value that it names is refused.',
    )
    oidc_organisation_claim: str = Field(
        "organisation", description="Claim that names the organisation of a BRAND."
    )
    oidc_country_claim: str = Field(
        "countries", description="Claim with the country codes of a PROGRAMME_OFFICER."
    )
    oidc_facility_claim: str = Field(
        "facilities", description="Claim with the numbers of the facilities of a FACILITY."
    )
    oidc_token_max_hours: int = Field(
        24,
        ge=1,
        description="The longest that a JWT may live, from when it was issued to when it expires; "
        "one that lives longer is refused.",
    )
    rely_on_tool_version_days: int = Field(
        RELIANCE[FactTopic.TOOL_VERSION],
        ge=0,
        description="Days after their last check for which later pages on the Tool version are "
        "relied on; from then on answers warn that it may have changed.",
    )
    rely_on_country_days: int = Field(
        RELIANCE[FactTopic.COUNTRY],
        ge=0,
        description="The same for how far a country has come, from the day its source tells of.",
    )
    rely_on_hosts_days: int = Field(
        RELIANCE[FactTopic.HOSTS], ge=0, description="The same for Accredited Hosts."
    )
    rely_on_durations_days: int = Field(
        RELIANCE[FactTopic.DURATIONS], ge=0, description="The same for durations and conditions."
    )
    rely_on_fees_days: int = Field(RELIANCE[FactTopic.FEES], ge=0, description="The same for fees.")
    facility_backdating_days: int = Field(
        0, ge=0, description="How many days back a facility may date what it records."
    )
    mail_url: str = Field(
        "file://var/mailbox",
        description="Where the messages of FAQ 9 go: file://FOLDER for trying out, "
        "smtp://USER@HOST:PORT, smtps://USER@HOST:PORT, or nothing at all.",
    )
    mail_password: SecretStr | None = Field(None, description="Password of the mail server.")
    mail_from: str = Field("kb@localhost", description="Address that messages come from.")
    webhook_url: str | None = Field(
        None,
        description="Address that gets the messages as signed JSON: https://…, or http:// on this "
        "machine.",
    )
    webhook_private: bool = Field(
        False,
        description="Whether the webhook may lie on this machine or in a private network.",
    )
    webhook_secret: SecretStr | None = Field(
        None,
        description="Secret of 32 characters or more with which they are signed; needed with "
        "KB_WEBHOOK_URL.",
    )
    gateway_link: str | None = Field(
        None,
        description="Address of the registration page of the Gateway, for the invitation; needed "
        "to send e-mail.",
    )
    platform_link: str | None = Field(
        None,
        description="Address of the Better Work platform, for the e-mail with the Facility ID; "
        "needed to send e-mail.",
    )
    questions_kept_days: int = Field(
        180, ge=1, description="Days for which questions without an answer are kept."
    )
    ratings_kept_days: int = Field(
        730, ge=1, description="Days for which ratings of answers are kept."
    )
    log_level: LogLevel = Field(
        LogLevel.INFO,
        description="From where on the server logs: DEBUG, INFO (each operation), WARNING or "
        "ERROR.",
    )
    log_format: LogFormat = Field(
        LogFormat.CONSOLE, description="How it logs: CONSOLE for people, JSON for programs."
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except SettingsError as error:  # no JSON where JSON is needed; says nothing of the value
            raise InvalidInputError(_variable(error), "…", "JSON") from None
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            allowed = str(first["msg"]).removeprefix("Input should be ")
            allowed = allowed.removeprefix("Value error, ")
            given = "…" if name in _SECRET else first["input"]
            raise InvalidInputError(f"KB_{name.upper()}", given, allowed) from None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Say what else must be set, given what is."""
        needs = (
            (self.oidc_issuer is not None, "KB_OIDC_ISSUER is set", "oidc_audience"),
            (self.oidc_issuer is not None, "KB_OIDC_ISSUER is set", "oidc_jwks_url"),
            (self.webhook_url is not None, "KB_WEBHOOK_URL is set", "webhook_secret"),
            (self.mail_url.startswith("smtp"), "KB_MAIL_URL is a mail server", "gateway_link"),
            (self.mail_url.startswith("smtp"), "KB_MAIL_URL is a mail server", "platform_link"),
        )
        for needed, because, name in needs:
            if needed and not getattr(self, name):
                raise InvalidInputError(f"KB_{name.upper()}", "", f"a value, because {because}")
        return self

    @field_validator("mail_url")
    @classmethod
    def _a_folder_or_a_mail_server(cls, url: str) -> str:
        parts = urlsplit(url)
        _ = parts.port  # ValueError when it is no number
        server = parts.scheme in {"smtp", "smtps"} and parts.hostname and not parts.password
        if url and not server and not (parts.scheme == "file" and url != "file://"):
            raise ValueError(
                "file://FOLDER, smtp://USER@HOST:PORT or smtps://USER@HOST:PORT, with the password "
                "in KB_MAIL_PASSWORD, or nothing"
            )
        return url

    @field_validator("allowed_origins")
    @classmethod
    def _each_an_origin(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        plain = tuple(origin.lower().rstrip("/") for origin in origins)
        if not all(re.fullmatch(_ORIGIN, origin) for origin in plain):
            raise ValueError(
                "scheme, host and, where it is not the usual one, port of each, such as "
                "https://dashboard.example; no *, as answers to tokens are for nobody else"
            )
        return plain

    @field_validator("trusted_proxies")
    @classmethod
    def _each_a_network(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            try:
                ipaddress.ip_network(proxy)
            except ValueError:
                raise ValueError("IP addresses or networks, such as 10.0.0.0/8") from None
        return proxies

    @field_validator("root_path")
    @classmethod
    def _a_path(cls, path: str) -> str:
        if path and not re.fullmatch(r"(/[\w.~-]+)+", path, re.ASCII):
            raise ValueError("a path such as /bw, without a slash at its end")
        return path

    @field_validator("token_pepper", "webhook_secret")
    @classmethod
    def _cannot_be_guessed(cls, pepper: SecretStr | None) -> SecretStr | None:
        if pepper is not None and len(pepper) < 32:
            raise ValueError("32 characters or more, chosen at random")
        return pepper

    @field_validator("oidc_jwks_url", "webhook_url")
    @classmethod
    def _cannot_be_forged_on_the_way(cls, url: str | None) -> str | None:
        if url is not None and not _cannot_be_read_on_the_way(url):
            raise ValueError("an address with https://, or with http:// on this machine")
        return url

    @field_validator("oidc_role_map")
    @classmethod
    def _held_by_tokens(cls, roles: dict[str, Role]) -> dict[str, Role]:
        for role in roles.values():
            if role in (Role.ANONYMOUS, Role.OPERATOR):
                raise ValueError(f"a role that a token can have, which {role} is not")
        return roles

    @field_validator("database_url")
    @classmethod
    def _can_be_read(cls, url: str) -> str:
        credentials(url)
        return url

    @property
    def sqlite_file(self) -> Path | None:
        """The file of the embedded database, or None on PostgreSQL."""
        file = credentials(self.database_url).get("file_path")
        return Path(file) if file else None

    @property
    def database_name(self) -> str:
        """The database in words, without its password."""
        if self.sqlite_file:
            return f"the SQLite file {self.sqlite_file}"
        given = credentials(self.database_url)
        return f"the PostgreSQL database {given['database']} on {given['host'] or 'localhost'}"

    @property
    def loopback(self) -> bool:
        """Whether the API can be reached from this machine only."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def reliance(self) -> Reliance:
        """For how many days facts of each topic are relied on."""
        return {topic: getattr(self, f"rely_on_{topic.lower()}_days") for topic in FactTopic}

    @property
    def on_trial(self) -> bool:
        """Whether the server is for trying out: embedded database, reached from this machine."""
        return self.sqlite_file is not None and self.loopback and not self.trusted_proxies

    def shown(self) -> dict[str, tuple[str, str]]:
        """Every environment variable with its value now, passwords left out, and its meaning."""
        return {
            f"KB_{name.upper()}": (
                self.database_name if name == "database_url" else _plain(getattr(self, name)),
                field.description or "",
            )
            for name, field in type(self).model_fields.items()
        }

    def tortoise(self) -> dict[str, Any]:
        """The configuration for Tortoise ORM."""
        return tortoise_config(self.database_url, self.database_timeout, self.database_pool_size)


def _plain(value: object) -> str:
    if isinstance(value, (tuple, dict)):
        return json.dumps(value) if value else ""
    return str(value or "")


_ORIGIN = r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?"
_SECRET = ("token", "token_pepper", "mail_url", "mail_password", "webhook_secret")


def _cannot_be_read_on_the_way(url: str) -> bool:
    """Whether an address is https, or http on this machine; ValueError for none at all."""
    parts = urlsplit(url)
    _ = parts.port  # ValueError when it is no number
    if not parts.hostname or "@" in parts.netloc:
        return False
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return parts.scheme == "https" or (parts.scheme == "http" and here)


def _variable(error: SettingsError) -> str:
    named = re.search(r'field "(\w+)"', str(error))
    return f"KB_{named[1].upper()}" if named else "KB_…"
