"""Spans for OpenTelemetry: one for each request and, within it, one for each operation.

Needs the extra `telemetry`. Where they are sent is for OpenTelemetry's own variables to say
(OTEL_EXPORTER_OTLP_ENDPOINT and the like). A span holds what the log says of an operation; texts,
variables and tokens are in none.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.errors import InvalidInputError
from kb.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

INSTALLED = (
    importlib.util.find_spec("opentelemetry") is not None  # without it, the next would raise
    and importlib.util.find_spec("opentelemetry.exporter") is not None
)
"""Whether the extra `telemetry` is installed."""

SERVICE = "kb-status-api"

_tracers: list[Tracer] = []  # one while spans are sent


class Traced:
    """Middleware that makes the span of a request, in the caller's trace if it has one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http" or not _tracers:
            await self.app(scope, receive, send)
            return
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind

        with _tracers[0].start_as_current_span(
            f"HTTP {scope['method']}",
            context=extract(Headers(scope=scope)),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": scope["method"]},
        ) as span:

            async def with_status(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self.app(scope, receive, with_status)


def tracing() -> bool:
    """Whether spans are sent."""
    return bool(_tracers)


def trace_operation(seconds: float, attributes: dict[str, Any]) -> None:
    """Send the span of an operation that ended now."""
    ended = time.time_ns()
    name = f"{attributes['operation_type']} {attributes['operation']}"
    named = {f"graphql.{key}": value for key, value in attributes.items() if value is not None}
    span = _tracers[0].start_span(name, start_time=ended - round(seconds * 1e9), attributes=named)
    span.end(ended)


@contextlib.asynccontextmanager
async def spans_sent(settings: Settings) -> AsyncIterator[None]:
    """Send spans for as long as this context lasts, if the settings say so; then what is left.

    InvalidInputError without the extra.
    """
    if not settings.traces:
        yield
        return
    if not INSTALLED:
        raise InvalidInputError(
            "KB_TRACES",
            "true",
            "false, or install the extra: pip install 'kb-status-api[telemetry]'",
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    service = os.environ.get("OTEL_SERVICE_NAME", SERVICE)
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracers.append(provider.get_tracer(__name__))
    try:
        yield
    finally:
        _tracers.clear()
        await asyncio.to_thread(provider.shutdown)
