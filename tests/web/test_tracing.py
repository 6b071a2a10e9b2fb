"""Spans for OpenTelemetry reach a collector, and hold nothing of what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from graphql_schema import tracing
from kb.errors import InvalidInputError
from kb.settings import Settings
from tests.web.asking import answering

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ASKS = "query Ask($question: String!) { ask(input: { question: $question }) { outcome } }"


class Collector(ThreadingHTTPServer):
    """Takes spans over HTTP, as a collector does."""

    def __init__(self) -> None:
        self.received: list[ExportTraceServiceRequest] = []
        super().__init__(("127.0.0.1", 0), _Taking)

    @property
    def spans(self) -> dict[str, Span]:
        """What was received, by name."""
        return {
            span.name: span
            for request in self.received
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


class _Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append(ExportTraceServiceRequest.FromString(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    server = Collector()
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def values(span: Span) -> dict[str, Any]:
    return {
        each.key: getattr(each.value, str(each.value.WhichOneof("value")))
        for each in span.attributes
    }


async def test_a_request_and_its_operation_are_spans_of_the_callers_trace(
    demo_settings: Settings, collector: Collector
) -> None:
    question = "What does it cost Sunrise Textiles to share?"
    async with answering(demo_settings, traces=True) as client:
        for _ in range(3):  # by graphql-core, then by a plan
            answer = await client.http.post(
                "/graphql",
                json={"query": ASKS, "variables": {"question": question}},
                headers={"traceparent": f"00-{TRACE}-{CALLER}-01"},
            )
            assert answer.status_code == 200
    request, operation = collector.spans["HTTP POST"], collector.spans["query Ask"]
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, CALLER)
    assert (operation.trace_id.hex(), operation.parent_span_id) == (TRACE, request.span_id)
    assert values(request) == {"http.request.method": "POST", "http.response.status_code": 200}
    noted = values(operation)
    assert noted.pop("graphql.cost") > 0
    assert noted == {
        "graphql.operation": "Ask",
        "graphql.operation_type": "query",
        "graphql.role": "HELPDESK",
        "graphql.outcome": "OK",
    }
    assert request.start_time_unix_nano <= operation.start_time_unix_nano
    assert operation.end_time_unix_nano <= request.end_time_unix_nano
    sent = b"".join(each.SerializeToString() for each in collector.received)
    assert b"kb-status-api" in sent
    token = str(client.http.headers["authorization"]).removeprefix("Bearer ")
    for secret in ("Sunrise", token):
        assert secret.encode() not in sent


async def test_an_operation_that_fails_says_so_in_its_span(
    demo_settings: Settings, collector: Collector
) -> None:
    async with answering(demo_settings, traces=True) as client:
        await client.http.post(
            "/graphql", json={"query": "query Missing { faq(number: 99) { slug } }"}
        )
    assert values(collector.spans["query (other)"])["graphql.outcome"] == "NOT_FOUND"


async def test_no_span_is_sent_unless_it_is_asked_for(
    demo_settings: Settings, collector: Collector
) -> None:
    async with answering(demo_settings) as client:
        await client.ask("{ knowledge { number } }")
    assert collector.received == []


async def test_without_the_extra_the_server_does_not_start_and_says_what_to_install(
    demo_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "INSTALLED", False)
    with pytest.raises(InvalidInputError, match=r"kb-status-api\[telemetry\]"):
        async with answering(demo_settings, traces=True):
            pass
