"""What is ready is answered before any layer of the app, as the layers would answer."""

from __future__ import annotations

import asyncio
import gc
import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
import uvicorn
from starlette.types import ASGIApp, Scope

from graphql_schema.app import create_app
from graphql_schema.metrics import REGISTRY
from graphql_schema.web.connections import AT_ONCE, BufferedExchange
from graphql_schema.web.httptools_connection import HttptoolsConnection
from kb.settings import Settings
from tests.tokens import helpdesk_token

FAQS = "query Ready { faqs(first: 23) { nodes { number question answer } } }"
COUNTED = 'query Topic { faqs(filter: {topic: "data-sharing"}, first: 5) { totalCount } }'
FACILITY = 'query Read { facility(by: {osId: "DEMO-OS-000002"}) { name } }'

LETTER = 'query Letter { facility(by: {osId: "DEMO-OS-000002"}) { whatApplies { summary } } }'
LETTER_OF_A_PROFILE = 'query Profile { whatIf(profile: {country: "ID"}) { summary } }'
NOBODY = 'query Nobody { facility(by: {osId: "none"}) { name } }'


class Server:
    """A server on a port, and what answered each request: what was ready, a plan, or layers."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.token = token
        self.below: list[str] = []

    def request(self, query: str, *headers: str, body: bytes | None = None) -> bytes:
        """A request as a program sends it."""
        sent = orjson.dumps({"query": query}) if body is None else body
        head = [
            "POST /graphql HTTP/1.1",
            "Host: 127.0.0.1",
            "Content-Type: application/json",
            f"Content-Length: {len(sent)}",
            *headers,
        ]
        if not any(header.startswith("Authorization") for header in headers):
            head.append(f"Authorization: Bearer {self.token}")
        return "\r\n".join([*head, "", ""]).encode() + sent

    async def answers(self, *pieces: bytes, number: int = 1) -> list[bytes]:
        """What comes back for what is sent in pieces, as a number of answers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        got = [await next_answer(reader) for _ in range(number)]
        writer.close()
        return got

    async def in_turn(self, requests: Sequence[bytes]) -> list[bytes]:
        """The answers on one connection to requests that each wait for the answer before."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        got = []
        for request in requests:
            writer.write(request)
            got.append(await next_answer(reader))
        writer.close()
        return got

    async def answer(self, query: str, *headers: str, body: bytes | None = None) -> bytes:
        """The answer to one request."""
        return (await self.answers(self.request(query, *headers, body=body)))[0]


async def next_answer(reader: asyncio.StreamReader) -> bytes:
    """One answer as it comes over the connection."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    (length,) = [
        int(line.partition(b":")[2])
        for line in head.splitlines()
        if line.startswith(b"content-length")
    ]
    return head + await reader.readexactly(length)


@asynccontextmanager
async def serving(settings: Settings, **changed: Any) -> AsyncIterator[Server]:
    app = create_app(settings.model_copy(update=changed))
    async with app.router.lifespan_context(app) as state:
        at_once = state.get(AT_ONCE)

        def noting(layers: ASGIApp, scope: Scope, exchange: BufferedExchange) -> ASGIApp | None:
            left = at_once(layers, scope, exchange)
            server.below.append("ready" if left is None else "layers" if left is layers else "made")
            return left

        config = uvicorn.Config(app, http=HttptoolsConnection, lifespan="off", access_log=False)
        config.load()
        of_all = uvicorn.server.ServerState()
        loop = asyncio.get_running_loop()

        def connection() -> Any:
            kept = {**state, AT_ONCE: noting} if at_once else state
            return HttptoolsConnection(config=config, server_state=of_all, app_state=dict(kept))

        listening = await loop.create_server(connection, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        server = Server(port, await helpdesk_token(settings))
        yield server
        listening.close()
        for left in list(of_all.connections):
            left.transport.abort()
        await listening.wait_closed()


def lasting(answer: bytes) -> tuple[set[bytes], Any]:
    """The headers and the body of an answer, without what differs each time."""
    head, _, body = answer.partition(b"\r\n\r\n")
    changing = (b"x-request-id", b"ratelimit:", b"content-length", b"date")
    lines = {line for line in head.splitlines() if not line.startswith((*changing, b"vary"))}
    varying = [line[5:] for line in head.splitlines() if line.startswith(b"vary:")]
    lines |= {name.strip() for name in b",".join(varying).split(b",")}
    if b"content-encoding: gzip" in lines:
        body = gzip.decompress(body)
    parts = orjson.loads(body)
    parts.pop("extensions", None)
    for error in parts.get("errors", ()):
        error["extensions"].pop("requestId", None)
    return lines, parts


# A query, further headers and another body, if it has them, and what answers it.
REQUESTS: Sequence[tuple[str, tuple[str, ...], bytes | None, str]] = (
    (FAQS, (), None, "ready"),
    (FAQS, ("Accept: application/graphql-response+json",), None, "ready"),
    (FAQS, ("Accept: text/html",), None, "layers"),
    (FAQS, ("Accept-Encoding: br",), None, "ready"),
    (FAQS, ("Accept-Encoding: gzip, deflate, br",), None, "ready"),
    (FAQS, ("Accept-Encoding: gzip;q=0.5, identity;q=0",), None, "layers"),
    (FAQS, ("Authorization: Bearer kb_none",), None, "layers"),
    (FAQS, ("X-Forwarded-For: 192.0.2.7",), None, "layers"),
    (FAQS, (), b'{"query":', "layers"),
    (FAQS, ("Origin: https://elsewhere.example",), None, "layers"),
    (COUNTED, (), None, "ready"),
    (LETTER_OF_A_PROFILE, (), None, "ready"),
    (FACILITY, (), None, "made"),
    (FACILITY, ("Accept-Encoding: gzip",), None, "made"),
    (NOBODY, (), None, "made"),
    ("{ nothing }", (), None, "layers"),
)


async def test_answers_are_those_of_the_layers(filled: Settings):
    answers: list[list[object]] = []
    for on in (True, False):
        async with serving(filled, operation_plans=on) as server:
            for query in (FAQS, COUNTED, LETTER_OF_A_PROFILE, FACILITY, NOBODY):
                for _ in range(3):
                    await server.answer(query)
            server.below.clear()
            responses = [
                await server.answer(query, *headers, body=body)
                for query, headers, body, _ in REQUESTS
            ]
            answers.append([lasting(answer) for answer in responses])
            assert server.below == ([below for *_, below in REQUESTS] if on else [])
    assert answers[0] == answers[1]


async def test_requests_in_one_piece_and_in_several_are_answered_in_turn(filled: Settings):
    async with serving(filled) as server:
        for _ in range(3):
            await server.answer(FAQS)
        faqs, facility = server.request(FAQS), server.request(FACILITY)
        for pieces in (
            [faqs + facility + faqs],
            [faqs[:40], faqs[40:-5], faqs[-5:] + facility, faqs],
        ):
            bodies = [lasting(each)[1]["data"] for each in await server.answers(*pieces, number=3)]
            assert [list(body) for body in bodies] == [["faqs"], ["facility"], ["faqs"]]


async def test_whichever_way_it_would_go_a_body_that_is_late_is_refused(filled: Settings):
    async with serving(filled, request_timeout=1.2) as server:
        head, end, body = server.request(FAQS).partition(b"\r\n\r\n")
        head += end
        assert lasting((await server.answers(head, body))[0])[1]["data"]
        (refused,) = await server.answers(head)
        assert refused.startswith(b"HTTP/1.1 408 ")


async def test_heads_that_come_again_on_a_connection_are_read_as_on_another(filled: Settings):
    async with serving(filled) as server:
        requests = [
            *(server.request(query, *headers, body=body) for query, headers, body, _ in REQUESTS),
            server.request(FAQS.replace("23", "22")),  # another body under the first one's head
            server.request(FAQS, body=b"[" * len(orjson.dumps({"query": FAQS}))),
            b"GET /graphql?query={__typename} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        ]
        for request in requests * 2:
            await server.answers(request)  # so that there are plans
        server.below.clear()
        alone = [lasting((await server.answers(request))[0]) for request in requests]
        ways = list(server.below)
        server.below.clear()
        again = [lasting(answer) for answer in await server.in_turn(requests * 2)]
        often = [
            lasting(answer)
            for request in requests
            for answer in (await server.in_turn([request] * 3))[1:]
        ]
    assert again == alone * 2
    assert often == [answer for answer in alone for _ in range(2)]
    assert server.below[: 2 * len(ways)] == ways * 2


async def test_a_head_that_comes_again_may_come_in_pieces_or_with_others(filled: Settings):
    async with serving(filled) as server:
        faqs, fewer = server.request(FAQS), server.request(FAQS.replace("23", "22"))
        head = faqs.index(b"\r\n\r\n") + 4
        for pieces in ([faqs[:head], faqs[head:]], [faqs[:-3], faqs[-3:]], [b"\r\n" + faqs]):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            lengths = []
            for sent in ([faqs], pieces, [fewer + faqs], [faqs]):
                for piece in sent:
                    writer.write(piece)
                    await asyncio.sleep(0.01)
                for _ in range(b"".join(sent).count(b"POST ")):
                    data = lasting(await next_answer(reader))[1]["data"]
                    lengths.append(len(data["faqs"]["nodes"]))
            writer.close()
            assert lengths == [23, 23, 22, 23, 23]


async def test_a_head_is_known_again_only_where_a_request_begins(filled: Settings):
    """What comes within the head of a request belongs to it, whatever it looks like."""
    begun = b"GET /graphql?query={__typename} HTTP/1.1\r\nX-Note: "
    async with serving(filled) as server:
        faqs, facility = server.request(FAQS), server.request(FACILITY)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        answers = []
        for piece in (faqs, faqs, faqs + begun, faqs, facility):
            writer.write(piece)
            answers.append([*lasting(await next_answer(reader))[1]["data"]])
            await asyncio.sleep(0.01)
        writer.close()
    assert answers == [["faqs"], ["faqs"], ["faqs"], ["__typename"], ["facility"]]


async def test_nobody_is_taken_for_who_began_a_head_before(filled: Settings):
    async with serving(filled) as server:
        shown = f"\r\nAuthorization: Bearer {server.token}".encode()
        nobody = server.request("{ viewer { role } }").replace(shown, b"")
        begun = b"POST /graphql HTTP/1.1" + shown + b"\r\nX-Note: "
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        roles = []
        for piece in (nobody, nobody + begun, nobody, nobody, nobody):
            writer.write(piece)
            roles.append(lasting(await next_answer(reader))[1]["data"]["viewer"]["role"])
            await asyncio.sleep(0.01)
        writer.close()
    assert roles == ["ANONYMOUS", "ANONYMOUS", "HELPDESK", "ANONYMOUS", "ANONYMOUS"]


async def test_requests_that_come_together_may_be_split_anywhere(filled: Settings):
    async with serving(filled) as server:
        faqs, facility = server.request(FAQS), server.request(FACILITY)
        together = facility + faqs + facility
        head = len(facility) + faqs.index(b"\r\n\r\n")
        for split in (*range(head - 2, head + 6), len(facility) + 1, len(facility + faqs) - 1):
            got = await server.answers(together[:split], together[split:], number=3)
            names = [[*lasting(each)[1]["data"]] for each in got]
            assert names == [["facility"], ["faqs"], ["facility"]]


async def test_what_no_plan_can_be_made_for_is_refused_each_time(filled: Settings):
    query = "query ($no: Boolean = true) { viewer @skip(if: $no) { role } __typename }"
    body = orjson.dumps({"query": query, "variables": {"no": None}})
    async with serving(filled) as server:
        got = await server.in_turn([server.request(query, body=body)] * 3)
    codes = {lasting(each)[1]["errors"][0]["extensions"]["code"] for each in got}
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}


async def test_what_is_ready_counts_and_is_limited_as_ever(filled: Settings):
    def operations() -> float:
        labels = {"operation": "Ready", "outcome": "OK"}
        return REGISTRY.get_sample_value("kb_operations_total", labels) or 0.0

    async with serving(filled) as server:
        for _ in range(3):
            answer = await server.answer(FAQS)
        before = operations()
        await server.answer(FAQS)
        assert (operations() - before, server.below[-1]) == (1, "ready")
    cost = orjson.loads(answer.partition(b"\r\n\r\n")[2])["extensions"]["cost"]["requested"]
    async with serving(filled, token_points=int(cost * 3.5)) as server:
        statuses = [(await server.answer(FAQS))[9:12] for _ in range(4)]
        assert statuses == [b"200", b"200", b"200", b"429"]
        assert server.below[-2:] == ["ready", "layers"]


async def test_what_belonged_to_an_answered_request_does_not_wait_for_the_collector(
    filled: Settings,
) -> None:
    page = "Origin: https://dashboard.example"
    async with serving(filled) as server:
        asked = [
            server.request(FAQS),
            server.request(FACILITY),
            server.request(LETTER),
            server.request("{ __schema { queryType { name } } }"),
            server.request(FAQS, page),
            server.request(FACILITY, page),
            b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        ]
        await server.in_turn(asked * 3)
        server.below.clear()
        gc.collect()
        gc.disable()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            await server.in_turn(asked * 3)
            gc.collect()
            left = {type(each).__name__ for each in gc.garbage}
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
    ways = ["ready", "made", "made", "layers", "layers", "layers", "layers"]
    assert server.below == ways * 3
    assert left.isdisjoint(OF_A_REQUEST)


OF_A_REQUEST = {
    *("Context", "FieldInfo", "State", "Loaders", "FacilityView", "CycleView"),
    *("Request", "RequestResponseCycle", "Exchange"),
}
