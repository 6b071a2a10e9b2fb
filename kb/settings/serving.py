"""How the API is served."""

from __future__ import annotations

import ipaddress
import re
from enum import StrEnum

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

_ORIGIN = r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?"
_USUAL_PORT = re.compile(r"(https://.*):443|(http://.*):80")


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


class ServingSettings(BaseSettings):
    """Where it listens, what it takes on at once, how it answers, and what it logs."""

    host: str = Field("127.0.0.1", description="Address on which the API listens.")
    port: int = Field(8000, ge=1, le=65535, description="Port on which the API listens.")
    root_path: str = Field(
        "",
        description="Path under which a proxy shows the API, such as /bw, if it does not say so "
        "in X-Forwarded-Prefix.",
    )
    trusted_proxies: tuple[str, ...] = Field(
        (),
        description="JSON list of addresses or networks of proxies whose X-Forwarded-For, -Proto, "
        '-Host and -Prefix are believed, such as ["10.0.0.0/8"].',
    )
    allowed_origins: tuple[str, ...] = Field(
        (),
        description="JSON list of other web origins whose pages may ask, by HTTP and WebSocket, "
        'such as ["https://dashboard.example"].',
    )
    request_timeout: float = Field(
        15.0,
        gt=0,
        description="Seconds after which a request is stopped, within which its head and its body "
        "have to arrive, and a client has to read something of what it is answered.",
    )
    drain_seconds: float = Field(
        0.0,
        ge=0,
        description="Seconds for which a server that is told to stop goes on answering while "
        "/readyz says that it goes; longer than a load balancer takes to notice.",
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
    max_subscriptions: int = Field(
        20, ge=1, description="Most subscriptions on one WebSocket connection."
    )
    max_subscriptions_per_client: int = Field(
        1_000,
        ge=1,
        description="Most subscriptions of one client, by WebSocket and as streams, in each "
        "process.",
    )
    subscription_queue: int = Field(
        256,
        ge=1,
        description="Most events that wait for one subscription; a slower reader has to resume.",
    )
    max_page_size: int = Field(
        100, ge=1, le=1000, description="Most entries that one page of a connection may have."
    )
    max_cost: int = Field(
        100_000,
        ge=1,
        description="Most that one operation may cost; a unit is about one value of its answer.",
    )
    operation_plans: bool = Field(
        True,
        description="Whether queries that come again are compiled, which answers them several "
        "times as fast; the answers are the same.",
    )
    graphiql: bool = Field(
        True, description="Whether browsers that open the endpoint are shown GraphiQL."
    )
    metrics_open: bool = Field(
        False, description="Whether /metrics also answers callers on other machines."
    )
    traces: bool = Field(
        False,
        description="Whether requests and operations are sent as OpenTelemetry spans, which needs "
        "the extra `telemetry`; OTEL_EXPORTER_OTLP_ENDPOINT says where to.",
    )
    log_level: LogLevel = Field(
        LogLevel.INFO,
        description="From where on the server logs: DEBUG, INFO (each operation), WARNING or "
        "ERROR.",
    )
    log_format: LogFormat = Field(
        LogFormat.CONSOLE, description="How it logs: CONSOLE for people, JSON for programs."
    )

    @field_validator("allowed_origins")
    @classmethod
    def _each_an_origin(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        plain = tuple(_as_browsers_send_it(origin.lower().rstrip("/")) for origin in origins)
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

    @property
    def loopback(self) -> bool:
        """Whether the API can be reached from this machine only."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def _as_browsers_send_it(origin: str) -> str:
    """Without the port that is the usual one of its scheme."""
    usual = _USUAL_PORT.fullmatch(origin)
    return (usual[1] or usual[2]) if usual else origin
